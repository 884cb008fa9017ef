// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// refuse reports what copies would share for good, unless the spec allows it
// or locks it under the name of the rule, or under that and the subject:
// device:/dev/ttyS0. There may be other ways to settle it.
func (m *model) refuse(r *rule, at modeltree.Path, from spot, subject, what string, ways ...Fix) {
	name := r.name
	if subject != "" {
		name += ":" + subject
	}
	if from.l == nil {
		from = m.src.find(at)
	}
	allowed, found := *r, m.listed("Allow", m.spec.Allow, r.name, name)
	allowed.severity = Note
	switch {
	case m.listed("Lock", m.spec.Lock, r.name, name) && !m.in.overrideOnly:
		m.lock(name, from, at)
	case found:
		allowed.reason, allowed.hint = "the test allows it", ""
		m.report(&allowed, at, from, what)
	default:
		var all []Fix
		if r.lockable && !m.in.overrideOnly {
			all = append(all, Fix{Field: "Lock", Key: name, Does: "lets copies wait for each other"})
		}
		all = append(append(all, ways...), Fix{Field: "Allow", Key: name, Does: "accepts it"})
		m.report(r, at, from, what, all...)
	}
}

// listed tells whether a list of the spec has one of the names.
func (m *model) listed(field string, list []string, names ...string) bool {
	found := false
	for _, name := range names {
		if slices.Contains(list, name) {
			m.used[field+" "+name], found = true, true
		}
	}
	return found
}

// choice returns what a map of the spec has for something, by any of its names.
func (m *model) choice(field string, choices map[string]string, names ...string) (value string, ok bool) {
	for _, name := range names {
		if v, found := choices[name]; found {
			m.used[field+" "+name] = true
			if !ok {
				value, ok = v, true
			}
		}
	}
	return value, ok
}

// specRules come last, when it is known what was used.
var specRules = []rule{{name: "spec", apply: unmatched}, {name: "spec", apply: unknownProfiles}}

// unknownProfiles refuses profiles that no service has: Compose would start
// without a word what is in none.
func unknownProfiles(m *model, _ *rule) {
	var there []string
	for _, c := range m.containers() {
		for _, p := range modeltree.List(c.body, "profiles") {
			there = append(there, fmt.Sprint(p))
		}
	}
	slices.Sort(there)
	hint := "the files have none"
	if len(there) > 0 {
		hint = "the files have " + strings.Join(slices.Compact(there), ", ")
	}
	for _, p := range m.spec.Profiles {
		if p != "*" && !slices.Contains(there, p) {
			m.reportSpec("Profiles", "Profiles has "+quote(p)+", which no service has", hint)
		}
	}
}

// given tells whether a file that the spec names is there, and refuses it
// otherwise.
func (m *model) given(field, name, file string) bool {
	_, err := m.in.read(file)
	if errors.Is(err, fs.ErrNotExist) {
		m.reportSpec(field, fmt.Sprintf("%s has file %s, which is missing", field, name), "")
		return false
	}
	return true
}
