// SPDX-License-Identifier: Apache-2.0

package kept

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A Container is what others know of a container.
type Container struct {
	Names map[string][]string // by network: those by which others reach it there
	Ports []int               // those of its ports that the engine publishes
	Why   string              // why it publishes none, if its networks are the reason
}

// Lost says what a container was known by before and is not any more, in words that
// follow its name.
func Lost(before, after Container) []string {
	var all []string
	for _, network := range slices.Sorted(maps.Keys(before.Names)) {
		is, joined := after.Names[network]
		if !joined {
			continue // the files say so, or it would be another container
		}
		gone := slices.DeleteFunc(slices.Sorted(slices.Values(before.Names[network])), func(name string) bool { return slices.Contains(is, name) })
		if gone = slices.Compact(gone); len(gone) > 0 {
			all = append(all, fmt.Sprintf("is not reached as %s any more in network %s: docker compose made the network anew, and connected it without these names\n    hint: docker compose up --force-recreate gives them back; another Up does, too",
				strings.Join(gone, ", "), network))
		}
	}
	if len(before.Ports) > 0 && len(after.Ports) == 0 && after.Why != "" {
		word := "port"
		if len(before.Ports) > 1 {
			word = "ports"
		}
		all = append(all, fmt.Sprintf("does not publish its %s %s any more: %s", word, strings.Trim(strings.Join(strings.Fields(fmt.Sprint(before.Ports)), ", "), "[]"), after.Why))
	}
	return all
}
