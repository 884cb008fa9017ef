// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// decisions are what the spec says about the files, and what of it meant something in them.
type decisions struct {
	*document

	spec spec.Project
	used map[string]bool // by field and entry: "Allow docker-socket"
}

// refuse reports what copies would share for good, unless the spec allows it
// or locks it under the name of the rule, or under that and the subject:
// device:/dev/ttyS0. There may be other ways to settle it.
func (m *decisions) refuse(r *rule, at modeltree.Path, from spot, subject, what string, ways ...Fix) {
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
		allowed.reason, allowed.hint = "it is allowed", ""
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
func (m *decisions) listed(field string, list []string, names ...string) bool {
	found := false
	for _, name := range names {
		if slices.Contains(list, name) {
			m.used[field+" "+name], found = true, true
		}
	}
	return found
}

// choice returns what a map of the spec has for something, by any of its names.
func (m *decisions) choice(field string, choices map[string]string, names ...string) (value string, ok bool) {
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

// given tells whether a file that the spec names is there, and refuses it
// otherwise.
func (m *decisions) given(field, name, file string) bool {
	_, err := m.in.read(file)
	if errors.Is(err, fs.ErrNotExist) {
		m.reportSpec(field, fmt.Sprintf("%s has file %s, which is missing", field, name), "")
		return false
	}
	return true
}

// lock notes that copies have to wait for each other.
func (m *decisions) lock(name string, from spot, at modeltree.Path) {
	if !slices.ContainsFunc(m.plan.Leases.Locks, func(l Lock) bool { return l.Name == name }) {
		m.plan.Leases.Locks = append(m.plan.Leases.Locks, Lock{name, from.place(at), at})
	}
}

// placeAnswers says where the spec has what is refused of it, if that is in a file of
// answers. What is refused names the field first, and then the entry, or
// the file that it names.
func (m *decisions) placeAnswers() {
	if m.in.said == nil {
		return
	}
	for i, f := range m.plan.Findings {
		field, key := f.Path, answers.Key(f.Path)
		if !f.OfSpec() || key == "" {
			continue
		}
		line := 0
		for _, name := range m.said(field) {
			value := m.in.said.Value(field, name)
			if strings.Contains(f.What, quote(name)) || strings.Contains(f.What, " "+name+" ") || value != "" && strings.Contains(f.What, " "+value+", which is missing") {
				line = m.in.said.Line(field, name)
				break
			}
		}
		if line == 0 {
			continue // the spec itself has it
		}
		at := &m.plan.Findings[i]
		at.File, at.Line, at.What = m.in.said.Name, line, key+strings.TrimPrefix(f.What, field)
	}
}

// said are the entries of a field in the file of answers, those first that have others
// in them.
func (m *decisions) said(field string) []string {
	names := m.in.said.Keys(field)
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	return names
}

// specField is the field of the spec that has to do with a section.
func specField(kind string) string { return strings.ToUpper(kind[:1]) + kind[1:] }
