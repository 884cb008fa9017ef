// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// decisions are what the spec says about things of the files, by their key or
// their name. What it says about nothing is a mistake.
type decisions[V any] struct {
	m     *stackModel
	field string
	given map[string]V
	used  map[string]bool
	// named are what the files have.
	named []string
}

func decisionsOf[V any](m *stackModel, field string, given map[string]V) *decisions[V] {
	return &decisions[V]{m: m, field: field, given: given, used: map[string]bool{}}
}

// of returns what is said about the first of some names that something is said
// about.
func (d *decisions[V]) of(names ...string) (V, bool) {
	d.named = append(d.named, names[0])
	for _, name := range names {
		if v, ok := d.given[name]; ok && name != "" {
			d.used[name] = true
			return v, true
		}
	}
	var none V
	return none, false
}

// key returns under which of the names something is said.
func (d *decisions[V]) key(names ...string) string {
	for _, name := range names {
		if _, ok := d.given[name]; ok && name != "" {
			return name
		}
	}
	return ""
}

// unused refuses what is said about nothing.
func (d *decisions[V]) unused(r *rule, none string) {
	slices.Sort(d.named)
	hint := none
	if named := slices.Compact(d.named); len(named) > 0 {
		hint = "the files have " + strings.Join(named, ", ")
	}
	for _, key := range slices.Sorted(maps.Keys(d.given)) {
		if !d.used[key] {
			d.m.plan.Findings = append(d.m.plan.Findings, Finding{
				Rule: r.name, Severity: Refuse, Place: Place{Path: d.field}, What: fmt.Sprintf("%s[%q] matches nothing", d.field, key), Hint: hint,
			})
		}
	}
}
