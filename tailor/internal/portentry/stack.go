// SPDX-License-Identifier: Apache-2.0

package portentry

import (
	"fmt"
	"slices"

	"github.com/docker/cli/cli/compose/loader"
	composetypes "github.com/docker/cli/cli/compose/types"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// Merge puts the ports of a later file over those of the earlier ones: the
// same number of the same protocol is the later one's.
func Merge(base, over []any) []any {
	same := func(a, b any) bool {
		if len(Published(a)) > 0 || len(Published(b)) > 0 {
			return slices.Equal(Published(a), Published(b)) && Protocol(a) == Protocol(b)
		}
		return StackKey(a) == StackKey(b)
	}
	all := slices.Clone(base)
	all = slices.DeleteFunc(all, func(b any) bool {
		return slices.ContainsFunc(over, func(o any) bool { return same(b, o) })
	})
	return append(all, over...)
}

// OfStack returns the entries that an item of the file stands for.
func OfStack(item any) (entries []any) {
	if long, ok := item.(map[string]any); ok {
		return []any{modeltree.Clone(long)}
	}
	defer func() { _ = recover() }() // docker's own code, on what it may refuse
	var ports []composetypes.ServicePortConfig
	if err := loader.Transform([]any{fmt.Sprint(item)}, &ports); err != nil {
		return nil
	}
	for _, p := range ports {
		entry := map[string]any{"target": int(p.Target), "protocol": p.Protocol, "mode": p.Mode}
		if p.Published != 0 {
			entry["published"] = int(p.Published)
		}
		entries = append(entries, entry)
	}
	return entries
}

// StackKey is what two entries may not both be. What the long form leaves
// out is what the short one means.
func StackKey(p any) string {
	m, _ := p.(map[string]any)
	published := ""
	if v := m["published"]; v != nil && fmt.Sprint(v) != "0" {
		published = fmt.Sprint(v)
	}
	mode := modeltree.Str(m, "mode")
	if mode == "" {
		mode = "ingress"
	}
	return fmt.Sprintf("%s:%v/%s %s", published, m["target"], Protocol(p), mode)
}
