// SPDX-License-Identifier: Apache-2.0

package swarm

import "testing"

func TestSplitEnding(t *testing.T) {
	for name, want := range map[string]string{"app.properties": "app|.properties", "app": "app|", "a.tar.gz": "a|.tar.gz", "a b.c d": "a b.c d|", "": ".|"} {
		role, end := splitEnding(name)
		if got := role + "|" + end; got != want {
			t.Errorf("splitEnding(%q) = %q, want %q", name, got, want)
		}
	}
}
