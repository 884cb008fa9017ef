// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"regexp"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"go.yaml.in/yaml/v4"
)

// spot is a node, the key that it stands under if there is one, and the
// document that both stand in.
type spot struct {
	l      *layer
	n, key *yaml.Node
}

// node is the one to point at: a value where that is a word, else its key.
func (s spot) node() *yaml.Node {
	if s.n == nil || s.key != nil && (s.n.Kind == yaml.MappingNode || s.n.Kind == yaml.SequenceNode ||
		s.n.Kind == yaml.ScalarNode && s.n.Value == "" && s.n.Style == 0) {
		return s.key
	}
	return s.n
}

// place fills in where a path of the model was written.
func (s spot) place(p modeltree.Path) Place {
	pl := Place{Service: p.Service(), Path: p.String()}
	if n := s.node(); s.l != nil && n != nil {
		pl.File, pl.Line, pl.Column = s.l.shown, n.Line, n.Column
	}
	return pl
}

// find returns the spot where the value at p was written: in the strongest
// document that has all of p, else in the one that has most of it.
func (s *sources) find(p modeltree.Path) spot {
	var best spot
	rest, depth := p, -1
	if len(p) >= 2 {
		rest = p[2:]
	}
	for _, d := range s.definitions(p) {
		at, got := walk(d, rest)
		if got > depth {
			best, depth = at, got
		}
		if got == len(rest) {
			break
		}
	}
	return best
}

// item returns the spot of the list item under p for which match is true, and
// in it, if it is a mapping, that of the value of key. Without such an item it
// is that of the list.
func (s *sources) item(p modeltree.Path, key string, match func(item any) bool) spot {
	var found spot
	s.eachItem(p, key, func(item any, from spot) {
		if found.l == nil && match(item) {
			found = from
		}
	})
	if found.l == nil {
		return s.find(p)
	}
	return found
}

// eachItem calls f for every item of the lists that make up the one at p, the
// strongest first.
func (s *sources) eachItem(p modeltree.Path, key string, f func(item any, from spot)) {
	for _, d := range s.definitions(p) {
		at, got := walk(d, p[2:])
		seq := resolve(at.n)
		if got < len(p)-2 || seq.Kind != yaml.SequenceNode {
			continue
		}
		for _, e := range slices.Backward(seq.Content) {
			from := spot{l: d.l, n: e}
			if k, v := entry(e, key); v != nil {
				from = spot{d.l, v, k}
			}
			f(d.l.decode(e), from)
		}
	}
}

// definitions returns what the documents say about the first two steps of p,
// services.web say, the strongest first: what services extend comes after
// themselves.
func (s *sources) definitions(p modeltree.Path) []spot {
	var all []spot
	if len(p) < 2 {
		for _, l := range s.layers {
			all = append(all, spot{l, l.root, nil})
		}
		return all
	}
	kind, name := p[0].(string), p[1].(string)
	for _, l := range s.layers {
		section, _ := child(l.root, kind)
		if key, n := entry(section, name); n != nil {
			all = append(all, spot{l, n, key})
			if kind == "services" || kind == "jobs" {
				all = append(all, s.extended(l, kind, n, 0)...)
			}
		}
	}
	return all
}

// walk follows p from a spot and returns how far it came, and in how many
// steps.
func walk(at spot, p modeltree.Path) (spot, int) {
	for i, step := range p {
		here := resolve(at.n)
		switch step := step.(type) {
		case int:
			if here.Kind != yaml.SequenceNode || step >= len(here.Content) {
				return at, i
			}
			at.key, at.n = nil, here.Content[step]
		case string:
			key, v := entry(here, step)
			if v == nil {
				v = named(at.l, here, step)
			}
			if v == nil {
				return at, i
			}
			at.key, at.n = key, v
		}
	}
	return at, len(p)
}

// named finds the item of a list that stands for a key of the model, where
// Compose takes lists and mappings alike: "front", "KEY=value".
func named(l *layer, n *yaml.Node, name string) *yaml.Node {
	if n.Kind != yaml.SequenceNode {
		return nil
	}
	for _, e := range n.Content {
		if r := resolve(e); r.Kind == yaml.ScalarNode {
			text := l.interpolate(r.Value)
			if text == name || strings.HasPrefix(text, name+"=") {
				return e
			}
		}
	}
	return nil
}

// resolve follows an alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// child returns the value of a key and the key, through merge keys.
func child(n *yaml.Node, name string) (value, key *yaml.Node) {
	key, value = entry(n, name)
	return value, key
}

func entry(n *yaml.Node, name string) (key, value *yaml.Node) {
	return entryIn(n, name, nil)
}

// entryIn looks at each mapping once, however often and deeply it is merged.
func entryIn(n *yaml.Node, name string, seen map[*yaml.Node]bool) (key, value *yaml.Node) {
	if n = resolve(n); n == nil || n.Kind != yaml.MappingNode || seen[n] {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value != "<<" {
			continue
		}
		if seen == nil {
			seen = map[*yaml.Node]bool{}
		}
		seen[n] = true
		merged := []*yaml.Node{n.Content[i+1]}
		if r := resolve(merged[0]); r.Kind == yaml.SequenceNode {
			merged = r.Content
		}
		for _, m := range merged {
			if key, value := entryIn(m, name, seen); value != nil {
				return key, value
			}
		}
	}
	return nil, nil
}

// decode returns a list item as Compose reads it.
func (l *layer) decode(n *yaml.Node) any {
	var v any
	if err := n.Decode(&v); err != nil { // what the loader refuses as well
		return nil
	}
	return l.interpolated(v)
}

func (l *layer) interpolated(v any) any {
	switch v := v.(type) {
	case string:
		return l.interpolate(v)
	case map[string]any:
		for k, e := range v {
			v[k] = l.interpolated(e)
		}
	case []any:
		for i, e := range v {
			v[i] = l.interpolated(e)
		}
	}
	return v
}

// reference returns where include or extends names a file.
func (s *sources) reference(name string) spot {
	for _, l := range s.layers {
		if n := l.reference(l.root, name, false); n != nil {
			return spot{l: l, n: n}
		}
	}
	return spot{}
}

func (l *layer) reference(n *yaml.Node, name string, under bool) *yaml.Node {
	for i, c := range n.Content {
		here := under
		if n.Kind == yaml.MappingNode {
			if i%2 == 0 {
				continue
			}
			key := n.Content[i-1].Value
			here = here || key == "include" || key == "extends"
		}
		if here && c.Kind == yaml.ScalarNode && l.refersTo(c, name) {
			return c
		}
		if found := l.reference(c, name, here); found != nil {
			return found
		}
	}
	return nil
}

func (l *layer) refersTo(n *yaml.Node, name string) bool {
	text := l.interpolate(n.Value)
	return text == name || absolute(l.dir, text) == name
}

// eachEntry calls f for every entry of a mapping.
func eachEntry(n *yaml.Node, f func(name string, key, value *yaml.Node)) {
	if n = resolve(n); n == nil || n.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		f(n.Content[i].Value, n.Content[i], n.Content[i+1])
	}
}

var plainName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)
