// SPDX-License-Identifier: Apache-2.0

package environ

import (
	"maps"
	"slices"
	"strings"
)

// List returns KEY=value for each variable, sorted by key.
func List(env map[string]string) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(env)) {
		all = append(all, key+"="+env[key])
	}
	return all
}

// Map makes a map of KEY=value. The last one of duplicate keys counts, as with
// os/exec.
func Map(environ []string) map[string]string {
	all := map[string]string{}
	for _, one := range environ {
		key, value, _ := strings.Cut(one, "=")
		all[key] = value
	}
	return all
}

// Escape escapes a text for Compose, which would substitute variables in it.
func Escape(s string) string { return strings.ReplaceAll(s, "$", "$$") }
