// SPDX-License-Identifier: Apache-2.0

package modeltree

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Has reports whether a mapping has a key, be it one without a value.
func Has(m map[string]any, key string) bool {
	_, ok := m[key]
	return ok
}

// Keys are the keys of a mapping, sorted.
func Keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Removed stands in a list for an item that an edit took out, so that the
// indexes of the others stay what they are in the loaded model.
type Removed struct{}

// Clone copies a model deeply and brings its numbers to one type, so that
// two of them can be compared.
func Clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for k, e := range v {
			c[k] = Clone(e)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, e := range v {
			c[i] = Clone(e)
		}
		return c
	case nil, string, bool, int, float64, Removed:
		return v
	}
	return basic(v)
}

// basic turns what compose-go took from its own types into what YAML knows.
func basic(v any) any {
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return int(r.Int())
	case r.CanUint():
		return int(r.Uint())
	case r.CanFloat():
		return r.Float()
	case r.Kind() == reflect.Bool:
		return r.Bool()
	case r.Kind() == reflect.String:
		return r.String()
	}
	return v
}

// Compact returns the model without the items that were removed. It changes v.
func Compact(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = Compact(e)
		}
		return v
	case []any:
		kept := slices.DeleteFunc(v, func(e any) bool { return e == Removed{} })
		for i, e := range kept {
			kept[i] = Compact(e)
		}
		return kept
	}
	return v
}

// Lookup returns the value at p, and whether there is one.
func Lookup(tree any, p Path) (any, bool) {
	for _, step := range p {
		switch step := step.(type) {
		case string:
			m, ok := tree.(map[string]any)
			if !ok {
				return nil, false
			}
			if tree, ok = m[step]; !ok {
				return nil, false
			}
		case int:
			l, ok := tree.([]any)
			if !ok || step < 0 || step >= len(l) {
				return nil, false
			}
			tree = l[step]
		}
	}
	return tree, true
}

// Put makes one edit in the model: it sets, or with drop takes away, the value
// at p. Mappings on the way are made as needed, list items are not; but what is set
// behind the last item of a list, or in one that there is not, is added.
func Put(tree map[string]any, p Path, value any, drop bool) error {
	if n, ok := p[len(p)-1].(int); ok && !drop {
		if items, there := Lookup(tree, p[:len(p)-1]); !there && n == 0 {
			return Put(tree, p[:len(p)-1], []any{value}, false)
		} else if l, isList := items.([]any); isList && n == len(l) {
			return Put(tree, p[:len(p)-1], append(slices.Clone(l), value), false)
		}
	}
	var at any = tree
	for i, step := range p {
		last := i == len(p)-1
		switch step := step.(type) {
		case string:
			m, ok := at.(map[string]any)
			if !ok {
				return fmt.Errorf("setting %s: %s is not a mapping", p, p[:i])
			}
			if last {
				if drop {
					delete(m, step)
				} else {
					m[step] = Clone(value)
				}
				return nil
			}
			if m[step] == nil {
				m[step] = map[string]any{}
			}
			at = m[step]
		case int:
			l, ok := at.([]any)
			if !ok || step < 0 || step >= len(l) {
				return fmt.Errorf("setting %s: %s has no item %d", p, p[:i], step)
			}
			if last {
				l[step] = Clone(value)
				if drop {
					l[step] = Removed{}
				}
				return nil
			}
			at = l[step]
		}
	}
	return nil
}

// Str returns a string value of a mapping, "" if it has none.
func Str(m any, key string) string {
	mm, _ := m.(map[string]any)
	s, _ := mm[key].(string)
	return s
}

// Mapping returns a mapping in a mapping, nil if it has none.
func Mapping(m any, key string) map[string]any {
	mm, _ := m.(map[string]any)
	v, _ := mm[key].(map[string]any)
	return v
}

// List returns a list in a mapping, nil if it has none.
func List(m any, key string) []any {
	mm, _ := m.(map[string]any)
	v, _ := mm[key].([]any)
	return v
}

// Truth reports whether a mapping says true.
func Truth(m any, key string) bool {
	mm, _ := m.(map[string]any)
	v, _ := mm[key].(bool)
	return v
}
