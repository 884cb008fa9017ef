// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// secrets gives secrets and configs their content.
type secrets struct {
	*document
	*decisions
}

func (m *secrets) secretRules() []rule {
	return []rule{{
		name:      "external-secret",
		treatment: Substitute,
		severity:  Refuse,
		reason:    "Compose has no external secrets and configs and will not start the project",
		doc: row{
			files:   "an external secret or config that a service uses, or one whose file or variable is not there",
			becomes: "refused, because Compose has no external ones: `Secrets` and `Configs` give them their content",
		},
		apply: m.secretContents,
	}}
}

// secretContents gives secrets and configs the files of the spec, and refuses
// those that have no content otherwise.
func (m *secrets) secretContents(r *rule) {
	for _, kind := range []string{"secrets", "configs"} {
		m.contents(kind,
			func(s container, name, file string) { m.giveContent(r, s, name, file) },
			func(s container, way Fix) {
				if m.uses(kind, s.name) {
					m.contentless(r, s, way)
				}
			})
	}
}

// contents goes through the secrets or configs: the spec names a file for the content of
// some, which are given it, and the others have to do without.
func (m *secrets) contents(kind string, give func(s container, name, file string), without func(s container, way Fix)) {
	field, files := specField(kind), m.spec.Secrets
	if kind == "configs" {
		files = m.spec.Configs
	}
	for _, s := range m.resources(kind) {
		name, ok := m.choice(field, files, s.name, nameOf(s))
		if !ok {
			without(s, Fix{Field: field, Key: s.name, Value: "FILE", Does: "gives it the content of FILE"})
			continue
		}
		file, err := filepath.Abs(name)
		if err != nil {
			m.reportSpec(field, fmt.Sprintf("%s has %q: %v", field, name, err), "")
			continue
		}
		if m.givenContent(field, name, file) {
			give(s, name, file)
		}
	}
}

// givenContent tells whether a file that the spec names for its content can be
// read, and refuses it otherwise.
func (m *secrets) givenContent(field, name, file string) bool {
	if !m.given(field, name, file) {
		return false
	}
	if _, err := m.in.read(file); err != nil {
		m.reportSpec(field, fmt.Sprintf("%s has file %s: %v", field, name, plain(err)), "")
		return false
	}
	return true
}

// giveContent puts a file in the place of what the content would come from.
func (m *secrets) giveContent(r *rule, s container, name, file string) {
	const reason = "as asked"
	for _, key := range []string{"external", "environment", "content"} {
		if s.body[key] == nil || s.body[key] == false {
			continue
		}
		from, what := m.src.find(s.at.Join(key)), key
		if key == "external" {
			what = fmt.Sprintf("external %q", nameOf(s))
		}
		m.edit(r, change{at: s.at.Join(key), drop: true, from: from, what: what + " → " + name, reason: reason})
		m.edit(r, change{at: s.at.Join("file"), value: file, from: from, what: "file → " + name, reason: reason})
		if key == "external" && s.body["name"] != nil {
			m.edit(r, change{at: s.at.Join("name"), drop: true, from: from, treatment: Scope, what: "name → the project's own", reason: reason})
		}
		return
	}
	m.edit(r, change{at: s.at.Join("file"), value: file, what: fmt.Sprintf("%s → %s", m.pathShown(modeltree.Str(s.body, "file")), name), reason: reason})
}

// contentless reports a secret or config that has no content.
func (m *secrets) contentless(r *rule, s container, way Fix) {
	found := *r
	file, variable := modeltree.Str(s.body, "file"), modeltree.Str(s.body, "environment")
	switch {
	case modeltree.Truth(s.body, "external"):
		m.report(r, s.at, m.src.find(s.at.Join("external")), fmt.Sprintf("%q is external", nameOf(s)), way)
	case variable != "":
		if _, ok := m.in.env[variable]; ok {
			return
		}
		found.reason = "Compose does not start a service without its content"
		m.report(&found, s.at.Join("environment"), spot{}, fmt.Sprintf("variable %s has no value", variable),
			Fix{Field: "Env", Key: variable, Value: valuePlaceholder, Does: "gives it one, like a line in the project's .env"}, way)
	case file != "":
		m.missing(r, s, file, "Compose does not start a service without it", way)
	}
}

// missing reports a file for the content if it is not there.
func (m *secrets) missing(r *rule, s container, file, reason string, way Fix) {
	if _, err := m.in.read(file); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	found := *r
	found.reason = reason
	if example := m.exampleOf(file); example != "" {
		found.hint = fmt.Sprintf("%s is shipped: copy it to %s", example, m.pathShown(file))
	}
	m.report(&found, s.at.Join("file"), spot{}, fmt.Sprintf("file %s is missing", m.pathShown(file)), way)
}

// uses tells whether a service that is on has a secret or config. Compose looks
// at no others.
func (m *secrets) uses(kind, key string) bool {
	return slices.ContainsFunc(m.containers(), func(c container) bool {
		if c.at[0] == "services" && !m.active(c.name) {
			return false
		}
		return slices.ContainsFunc(modeltree.List(c.body, kind), func(use any) bool { return use == key || modeltree.Str(use, "source") == key }) ||
			slices.ContainsFunc(modeltree.List(modeltree.Mapping(c.body, "build"), kind), func(use any) bool { return use == key || modeltree.Str(use, "source") == key })
	})
}

// declared returns the keys of a section, as the files have it.
func (m *secrets) declared(section string) []string {
	resources, _ := m.orig[section].(map[string]any)
	return modeltree.Keys(resources)
}
