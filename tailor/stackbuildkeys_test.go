// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"strings"
	"testing"
)

// What docs/stacks.md says of the keys of builds in stacks is what docker's own schemas
// say.
func TestStackBuildKeys(t *testing.T) {
	t.Parallel()
	const (
		old = `context: ., dockerfile: D, args: {a: b}, target: t, labels: {a: b}, cache_from: [c], network: n, extra_hosts: ["a:10.0.0.1"], shm_size: 64m`
		all = old + `, tags: ["b:1"], additional_contexts: {a: ./b}, platforms: [linux/amd64], no_cache: true`
	)
	for _, tt := range []struct {
		version, keys string
		refused       bool
	}{
		{"version: '3.9'\n", old, false}, {"version: '3.9'\n", all, true}, {"version: '3.10'\n", all, true}, {"version: '3.11'\n", all, false}, {"version: '3.12'\n", all, false}, {"", all, false},
	} {
		_, err := deployed(tree(t, "-- compose.yaml --\n"+tt.version+"services:\n  a: {image: \"a:1\", build: {"+tt.keys+"}}\n"), nil)
		if refused := err != nil && strings.Contains(err.Error(), "not allowed"); refused != tt.refused || err != nil && !refused {
			t.Errorf("%q, %s: refused: %v, want %v: %v", tt.version, tt.keys, refused, tt.refused, err)
		}
	}
}
