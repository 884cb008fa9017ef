// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"reflect"
	"slices"
)

// removed stands in a list for an item that an edit took out, so that the
// indexes of the others stay what they are in the loaded model.
type removed struct{}

// clone copies a model deeply and brings its numbers to one type, so that
// two of them can be compared.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := make(map[string]any, len(v))
		for k, e := range v {
			c[k] = clone(e)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, e := range v {
			c[i] = clone(e)
		}
		return c
	case nil, string, bool, int, float64, removed:
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

// compact returns the model without the items that were removed. It changes v.
func compact(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = compact(e)
		}
		return v
	case []any:
		kept := slices.DeleteFunc(v, func(e any) bool { return e == removed{} })
		for i, e := range kept {
			kept[i] = compact(e)
		}
		return kept
	}
	return v
}

// lookup returns the value at p, and whether there is one.
func lookup(tree any, p path) (any, bool) {
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

// put makes one edit in the model: it sets, or with drop takes away, the value
// at p. Mappings on the way are made as needed, list items are not; but what is set
// behind the last item of a list, or in one that there is not, is added.
func put(tree map[string]any, p path, value any, drop bool) error {
	if n, ok := p[len(p)-1].(int); ok && !drop {
		if items, there := lookup(tree, p[:len(p)-1]); !there && n == 0 {
			return put(tree, p[:len(p)-1], []any{value}, false)
		} else if l, isList := items.([]any); isList && n == len(l) {
			return put(tree, p[:len(p)-1], append(slices.Clone(l), value), false)
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
					m[step] = clone(value)
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
				l[step] = clone(value)
				if drop {
					l[step] = removed{}
				}
				return nil
			}
			at = l[step]
		}
	}
	return nil
}

// str returns a string value of a mapping, "" if it has none.
func str(m any, key string) string {
	mm, _ := m.(map[string]any)
	s, _ := mm[key].(string)
	return s
}

func mapping(m any, key string) map[string]any {
	mm, _ := m.(map[string]any)
	v, _ := mm[key].(map[string]any)
	return v
}

func list(m any, key string) []any {
	mm, _ := m.(map[string]any)
	v, _ := mm[key].([]any)
	return v
}

func truth(m any, key string) bool {
	mm, _ := m.(map[string]any)
	v, _ := mm[key].(bool)
	return v
}
