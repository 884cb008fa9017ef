// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// text is a string in the model that a container or its clients may read.
type text struct {
	c container
	// at is its path in the model, and find the one by which it is found in the
	// files, where KEY=value in a list has the path of the key.
	at, find path
	// key is the name of the setting, if it has one.
	key string
	// prefix is "KEY=", where that stands before the value.
	prefix, value string
	// from is where it was written, if find does not find it: in an env file.
	from spot
	// left says why it is left alone, if it is.
	left string
}

// eachText calls f for the texts of all containers that may name host ports or
// addresses. Health checks are left out, as they run inside the container.
func (m *model) eachText(f func(text)) {
	m.textsIn(f, "environment", "command", "entrypoint", "labels")
	m.envFileTexts(f)
	if m.isStack() { // where those of the service are what a proxy reads
		m.textsIn(f, "deploy.labels")
	}
}

func (m *model) textsIn(f func(text), keys ...string) {
	for _, c := range m.containers() {
		for _, key := range keys {
			at := c.at
			for step := range strings.SplitSeq(key, ".") {
				at = at.join(step)
			}
			switch v := m.get(at).(type) {
			case string:
				f(text{c: c, at: at, find: at, value: v})
			case []any:
				for i, e := range v {
					s, ok := e.(string)
					if !ok {
						continue
					}
					t := text{c: c, at: at.join(i), find: at.join(i), value: s}
					if name, value, ok := strings.Cut(s, "="); ok && (key == "environment" || key == "labels" || key == "build.args") {
						t.key, t.prefix, t.value, t.find = name, name+"=", value, at.join(name)
					}
					f(t)
				}
			case map[string]any:
				for _, name := range slices.Sorted(maps.Keys(v)) {
					if v[name] != nil {
						f(text{c: c, at: at.join(name), find: at.join(name), key: name, value: fmt.Sprint(v[name])})
					}
				}
			}
		}
	}
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func quote(s string) string { return fmt.Sprintf("%q", s) }
