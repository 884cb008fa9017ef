// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// stackSecrets gives the secrets and configs of a stack their content.
type stackSecrets struct {
	*document
	*decisions
	objects *objects
	secrets *secrets
}

func (m *stackSecrets) secretRules() []rule {
	return []rule{
		{
			name:      "external-secret",
			treatment: Substitute,
			severity:  Refuse,
			reason:    "only the swarm that the stack is made for has it",
			apply:     func(r *rule) { m.contents(r, "secrets") },
		},
		{
			name:      "external-config",
			treatment: Substitute,
			severity:  Refuse,
			reason:    "only the swarm that the stack is made for has it",
			apply:     func(r *rule) { m.contents(r, "configs") },
		},
	}
}

// contents gives secrets or configs the files of the spec, and refuses those
// that have no content otherwise.
func (m *stackSecrets) contents(r *rule, kind string) {
	m.secrets.contents(kind,
		func(s container, name, file string) { m.giveContent(r, kind, s, name, file) },
		func(s container, way Fix) { m.checkContent(r, s, strings.TrimSuffix(kind, "s"), way) })
}

// giveContent makes it of a file, in the place of all that says where it comes from. A name
// that tells versions of it apart stays.
func (m *stackSecrets) giveContent(r *rule, kind string, s container, name, file string) {
	value := map[string]any{"file": file}
	for _, key := range []string{"labels", "template_driver"} {
		if v := s.body[key]; v != nil {
			value[key] = v
		}
	}
	from, what := m.src.find(s.at.Join("file")), fmt.Sprintf("%s → %s", m.pathShown(modeltree.Str(s.body, "file")), name)
	own := modeltree.Str(s.body, "name")
	if modeltree.Truth(s.body, "external") {
		from, what = m.src.find(s.at.Join("external")), fmt.Sprintf("external %q → %s", nameOf(s), name)
		own = m.objects.ownVersion(kind, s.name, nameOf(s))
	}
	if own != "" && own != m.objects.ownName(s.name) {
		value["name"] = own
	}
	m.edit(r, change{at: s.at, value: value, from: from, what: what, reason: "as asked"})
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
	m.secrets.missing(r, s, file, "docker stack deploy reads it", way)
}
