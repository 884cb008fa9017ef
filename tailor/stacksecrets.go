// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// stackSecrets gives the secrets and configs of a stack their content.
type stackSecrets struct {
	*document
	*decisions
	secrets *secrets
}

func (m *stackSecrets) secretRules() []rule {
	return []rule{
		{
			name:      "external-secret",
			treatment: Substitute,
			severity:  Refuse,
			reason:    "only the swarm that the stack is made for has it",
			apply:     func(r *rule) { m.contents(r, "secrets", m.spec.Secrets) },
		},
		{
			name:      "external-config",
			treatment: Substitute,
			severity:  Refuse,
			reason:    "only the swarm that the stack is made for has it",
			apply:     func(r *rule) { m.contents(r, "configs", m.spec.Configs) },
		},
	}
}

// contents gives secrets or configs the files of the spec, and refuses those
// that have no content otherwise.
func (m *stackSecrets) contents(r *rule, kind string, given map[string]string) {
	field := specField(kind)
	for _, s := range m.resources(kind) {
		external := modeltree.Truth(s.body, "external")
		name, ok := m.choice(field, given, s.name, nameOf(s))
		if !ok {
			m.checkContent(r, s, strings.TrimSuffix(kind, "s"), Fix{Field: field, Key: s.name, Value: "FILE", Does: "gives it the content of FILE"})
			continue
		}
		file, err := filepath.Abs(name)
		if err != nil {
			m.reportSpec(field, fmt.Sprintf("%s has %q: %v", field, name, err), "")
			continue
		}
		if !m.secrets.givenContent(field, name, file) {
			continue
		}
		value := map[string]any{"file": file}
		for _, key := range []string{"labels", "template_driver"} {
			if v := s.body[key]; v != nil {
				value[key] = v
			}
		}
		from, what := m.src.find(s.at.Join("file")), fmt.Sprintf("%s → %s", m.pathShown(modeltree.Str(s.body, "file")), name)
		if external {
			from, what = m.src.find(s.at.Join("external")), fmt.Sprintf("external %q → %s", nameOf(s), name)
		}
		m.edit(r, change{at: s.at, value: value, from: from, what: what, reason: "the test says so"})
	}
}

// usedByService tells whether a service has a secret or config. docker stack
// deploy does not look for external ones that none has.
func (m *stackSecrets) usedByService(kind, key string) bool {
	return slices.ContainsFunc(m.containers(), func(c container) bool {
		return kind == "configs" && modeltree.Str(modeltree.Mapping(c.body, "credential_spec"), "config") == key ||
			slices.ContainsFunc(modeltree.List(c.body, kind), func(use any) bool { return modeltree.Str(use, "source") == key })
	})
}

// checkContent reports a secret or config that has no content.
func (m *stackSecrets) checkContent(r *rule, s container, one string, way Fix) {
	found := *r
	file := modeltree.Str(s.body, "file")
	switch {
	case modeltree.Truth(s.body, "external"):
		if !m.usedByService(one+"s", s.name) {
			return
		}
		m.report(&found, s.at, m.src.find(s.at.Join("external")), fmt.Sprintf("%s %q is external", one, nameOf(s)), way)
		return
	case modeltree.Str(s.body, "driver") != "":
		found.severity, found.reason = Warning, "copies share what is behind it"
		m.report(&found, s.at.Join("driver"), spot{}, "driver "+modeltree.Str(s.body, "driver"))
		return
	case file == filepath.Clean(m.in.dir): // what the loader makes of no file
		found.reason = "docker stack deploy has nothing to make it of"
		m.report(&found, s.at, m.src.find(s.at), one+" without a file", way)
		return
	}
	if _, err := m.in.read(file); errors.Is(err, fs.ErrNotExist) {
		found.reason = "docker stack deploy reads it"
		if example := m.exampleOf(file); example != "" {
			found.hint = fmt.Sprintf("%s is shipped: copy it to %s", example, m.pathShown(file))
		}
		m.report(&found, s.at.Join("file"), spot{}, fmt.Sprintf("file %s is missing", m.pathShown(file)), way)
	}
}
