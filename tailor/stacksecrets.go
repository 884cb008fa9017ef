// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/seatrial/seatrial/spec"
)

var stackSecretRules = []stackRule{
	{rule{
		name:      "external-secret",
		treatment: Substitute,
		severity:  Refuse,
		reason:    "nothing but the machine that it was made for has it",
	}, func(m *stackModel, r *rule) { m.out.Secrets = m.contents(r, "secrets", m.stack.Secrets) }},
	{rule{
		name:      "external-config",
		treatment: Substitute,
		severity:  Refuse,
		reason:    "nothing but the machine that it was made for has it",
	}, func(m *stackModel, r *rule) { m.out.Configs = m.contents(r, "configs", m.stack.Configs) }},
}

// contents gives secrets or configs the content that the spec has for them, and
// refuses those that have none.
func (m *stackModel) contents(r *rule, kind string, given map[string]spec.Content) []StackContent {
	one := strings.TrimSuffix(kind, "s")
	wanted := decisionsOf(m, specField(kind), given)
	var all []StackContent
	for _, s := range m.resources(kind) {
		external := truth(s.body, "external")
		name, file := "", str(s.body, "file")
		if external {
			name = str(s.body, "name")
		}
		_, ok := wanted.of(s.name, name)
		if !ok {
			m.checkContent(r, s, one, name, file)
			continue
		}
		variable := m.variable("", strings.ToUpper(one), s.name)
		m.taken[variable] = "stand-in-" + variable
		value := map[string]any{"external": true, "name": placeholder(variable)}
		from := m.src.find(s.at.join("external"))
		what := fmt.Sprintf("external %s %q → the test's own", one, name)
		if !external {
			from = m.src.find(s.at.join("file"))
			what = fmt.Sprintf("content of %s → the test's own", m.pathShown(file))
		}
		m.edit(r, change{at: s.at, value: value, from: from, what: what, reason: "the test says so"})
		all = append(all, StackContent{Variable: variable, Key: s.name, Name: name, Given: wanted.key(s.name, name)})
	}
	wanted.unused(r, "the files have no "+kind)
	return all
}

// checkContent reports a secret or config that has no content.
func (m *stackModel) checkContent(r *rule, s container, one, name, file string) {
	refuse := *r
	field := specField(one + "s")
	refuse.hint = fmt.Sprintf("give its content in %s: {%q: …}", field, s.name)
	switch {
	case truth(s.body, "external"):
		m.report(&refuse, s.at, m.src.find(s.at.join("external")), fmt.Sprintf("%s %q is external", one, name))
		return
	case str(s.body, "driver") != "":
		refuse.severity, refuse.reason, refuse.hint = Warning, "copies would share what is behind it", ""
		m.report(&refuse, s.at.join("driver"), spot{}, "driver "+str(s.body, "driver"))
		return
	case file == filepath.Clean(m.in.dir):
		refuse.reason = "docker stack deploy would have nothing to make it of"
		m.report(&refuse, s.at, m.src.find(s.at), fmt.Sprintf("%s %s has no file", one, s.name))
		return
	}
	if _, err := m.in.read(file); errors.Is(err, fs.ErrNotExist) {
		refuse.reason = "docker stack deploy reads it"
		if example := m.exampleOf(file); example != "" {
			refuse.hint = fmt.Sprintf("%s is shipped: copy it, or give the content in %s: {%q: …}", example, field, s.name)
		}
		m.report(&refuse, s.at.join("file"), spot{}, fmt.Sprintf("file %s of %s %s is missing", m.pathShown(file), one, s.name))
	}
}
