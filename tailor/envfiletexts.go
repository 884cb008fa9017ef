// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"go.yaml.in/yaml/v4"
)

// envFileTexts calls f for the settings that a container has from env files and
// that its environment does not replace. In a stack they are in the environment.
func (m *textReader) envFileTexts(f func(text)) {
	if m.isStack() {
		return
	}
	for _, c := range m.containers() {
		values, where := map[string]string{}, map[string]spot{}
		for _, entry := range modeltree.List(c.body, "env_file") {
			name := modeltree.Str(entry, "path")
			content, err := m.in.read(name)
			if err != nil || modeltree.Str(entry, "format") != "" {
				continue
			}
			found := map[string]string{}
			if err := parseEnv(content, m.in.env, found); err != nil { // which Compose says itself
				continue
			}
			l := &layer{file: name, shown: m.in.shown(name), env: m.in.env}
			for _, key := range modeltree.Keys(found) {
				values[key], where[key] = found[key], spot{l: l, n: envLine(content, key)}
			}
		}
		for _, key := range modeltree.Keys(values) {
			if at := c.at.Join("environment", key); !m.sets(c, key) {
				f(text{c: c, at: at, find: at, key: key, value: values[key], from: where[key]})
			}
		}
	}
}

// envLine is the place of a variable in an env file.
func envLine(content []byte, key string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: 1, Column: 1}
	for i, line := range strings.Split(string(content), "\n") {
		name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if strings.TrimSpace(name) == key {
			n.Line = i + 1 // the last one counts
		}
	}
	return n
}

// sets tells whether the environment of a container has a variable.
func (m *textReader) sets(c container, key string) bool {
	return modeltree.Has(modeltree.Mapping(c.body, "environment"), key) || slices.ContainsFunc(modeltree.List(c.body, "environment"), func(e any) bool {
		s, _ := e.(string)
		return s == key || strings.HasPrefix(s, key+"=")
	})
}

// settingOf is where the environment of a container has a variable, or is to
// have it, and what is to stand before its value.
func (m *textReader) settingOf(c container, key string) (at modeltree.Path, prefix string) {
	at = c.at.Join("environment")
	all, isList := m.get(at).([]any)
	if !isList {
		return at.Join(key), ""
	}
	i := slices.IndexFunc(all, func(e any) bool {
		s, _ := e.(string)
		return strings.HasPrefix(s, key+"=")
	})
	if i < 0 {
		i = len(all)
	}
	return at.Join(i), key + "="
}
