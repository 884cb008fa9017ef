// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/option"
)

// textReader finds the texts that containers and their clients may read.
type textReader struct {
	*document
}

// text is a string in the model that a container or its clients may read.
type text struct {
	c container
	// at is its path in the model, and find the one by which it is found in the
	// files, where KEY=value in a list has the path of the key.
	at, find modeltree.Path
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
func (m *textReader) eachText(f func(text)) {
	m.textsIn(f, "environment", "command", "entrypoint", "labels")
	m.envFileTexts(f)
	if m.isStack() { // where those of the service are what a proxy reads
		m.textsIn(f, "deploy.labels")
	}
}

// textsIn calls f for the texts of all containers under some keys.
func (m *textReader) textsIn(f func(text), keys ...string) {
	for _, c := range m.containers() {
		for _, key := range keys {
			at := c.at
			for step := range strings.SplitSeq(key, ".") {
				at = at.Join(step)
			}
			m.textsAt(f, c, at)
		}
	}
}

// hookTexts calls f for what containers run, and tell it, before they start, after that,
// and before they stop.
func (m *textReader) hookTexts(f func(text)) {
	for _, c := range m.containers() {
		for _, key := range []string{"pre_start", "post_start", "pre_stop"} {
			for i := range modeltree.List(c.body, key) {
				m.textsAt(f, c, c.at.Join(key, i, "command"))
				m.textsAt(f, c, c.at.Join(key, i, "environment"))
			}
		}
	}
}

// contentTexts calls f for the content of configs that stands in the files.
func (m *textReader) contentTexts(f func(text)) {
	for _, c := range m.resources("configs") {
		if content := modeltree.Str(c.body, "content"); content != "" {
			at := c.at.Join("content")
			f(text{c: c, at: at, find: at, value: content})
		}
	}
}

// listsOfSettings are the keys under which a list has KEY=value.
var listsOfSettings = []any{"environment", "labels", "annotations", "args"}

// textsAt calls f for a text of a container, or for those in a list or mapping.
func (m *textReader) textsAt(f func(text), c container, at modeltree.Path) {
	switch v := m.get(at).(type) {
	case string:
		f(text{c: c, at: at, find: at, value: v})
	case []any:
		for i, e := range v {
			s, ok := e.(string)
			if !ok {
				continue
			}
			t := text{c: c, at: at.Join(i), find: at.Join(i), value: s}
			if name, value, ok := strings.Cut(s, "="); ok && slices.Contains(listsOfSettings, at[len(at)-1]) {
				t.key, t.prefix, t.value, t.find = name, name+"=", value, at.Join(name)
			}
			f(t)
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if v[name] != nil {
				f(text{c: c, at: at.Join(name), find: at.Join(name), key: name, value: fmt.Sprint(v[name])})
			}
		}
	}
}

// before is what stands before a text in a list, "" for nothing.
func (m *textReader) before(t text) string {
	i, ok := t.at[len(t.at)-1].(int)
	if !ok || i == 0 || t.key != "" {
		return ""
	}
	before, _ := m.get(t.at[:len(t.at)-1].Join(i - 1)).(string)
	return before
}

// saysOne tells whether a name has one of some words.
func saysOne(name string, words []string) bool {
	return slices.ContainsFunc(option.Words(name), func(word string) bool { return slices.Contains(words, word) })
}
