// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"path/filepath"
)

var secretRules = []rule{{
	name:      "external-secret",
	treatment: Substitute,
	severity:  Refuse,
	reason:    "Compose has no external secrets and configs and will not start the project",
	apply:     externalSecrets,
}}

// externalSecrets gives external secrets and configs the files of the spec.
func externalSecrets(m *model, r *rule) {
	for _, kind := range []struct {
		section, field string
		files          map[string]string
	}{{"secrets", "Secrets", m.spec.Secrets}, {"configs", "Configs", m.spec.Configs}} {
		for _, s := range m.resources(kind.section) {
			if !truth(s.body, "external") {
				continue
			}
			from := m.src.find(s.at.join("external"))
			name, ok := m.choice(kind.field, kind.files, s.name, nameOf(s))
			if !ok {
				m.report(r, s.at, from, fmt.Sprintf("%q is external", nameOf(s)),
					Way{Field: kind.field, Key: s.name, Value: "FILE", Does: "gives it the content of FILE"})
				continue
			}
			file, err := filepath.Abs(name)
			if err != nil {
				m.reportSpec(kind.field, fmt.Sprintf("%s has %q: %v", kind.field, name, err), "")
				continue
			}
			m.edit(r, change{at: s.at.join("external"), drop: true, from: from, what: fmt.Sprintf("external %q → %s", nameOf(s), name), reason: "the test says so"})
			m.edit(r, change{at: s.at.join("file"), value: file, from: from, what: "file → " + name, reason: "the test says so"})
			if s.body["name"] != nil {
				m.edit(r, change{at: s.at.join("name"), drop: true, from: from, treatment: Scope, what: "name → the project's own", reason: "the test says so"})
			}
		}
	}
}

// external returns the keys of what is external in a section.
func (m *model) external(section string) []string {
	var all []string
	resources, _ := m.orig[section].(map[string]any)
	for _, key := range keys(resources) {
		if truth(resources[key], "external") {
			all = append(all, key)
		}
	}
	return all
}
