// SPDX-License-Identifier: Apache-2.0

package modeltree

import (
	"slices"
	"testing"
)

func sample() map[string]any {
	return map[string]any{"services": map[string]any{"a.b": map[string]any{"ports": []any{uint32(1), "2"}, "tty": true}}}
}

func TestPathString(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]Path{
		"services.web.ports[0]":      {"services", "web", "ports", 0},
		`services."a.b".environment`: {"services", "a.b", "environment"},
		`networks.""`:                {"networks", ""},
	} {
		if got := p.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestJoinLeavesThePath(t *testing.T) {
	t.Parallel()
	base := Path{"services"}.Join("web")
	one, two := base.Join("a"), base.Join("b")
	if one.String() != "services.web.a" || two.String() != "services.web.b" {
		t.Errorf("got %s and %s", one, two)
	}
	if !base.PrefixOf(one) || one.PrefixOf(base) {
		t.Errorf("%s must be a prefix of %s, and not the other way round", base, one)
	}
}

func TestPut(t *testing.T) {
	t.Parallel()
	ports := Path{"services", "a.b", "ports"}
	for name, c := range map[string]struct {
		at    Path
		value any
		drop  bool
		want  []string // what differs from the model before
		fails bool
	}{
		"an item":              {at: ports.Join(0), value: 9, want: []string{`services."a.b".ports[0]: 1 becomes 9`}},
		"behind the last item": {at: ports.Join(2), value: 9, want: []string{`services."a.b".ports: [1 2] becomes [1 2 9]`}},
		"far behind it":        {at: ports.Join(4), value: 9, fails: true},
		"an item away":         {at: ports.Join(0), drop: true, want: []string{`services."a.b".ports: [1 2] becomes [2]`}},
		"on a new way":         {at: Path{"volumes", "v", "name"}, value: "x", want: []string{"volumes: map[v:map[name:x]] appears"}},
		"a key away":           {at: Path{"services", "a.b", "tty"}, drop: true, want: []string{`services."a.b".tty: true is lost`}},
		"under a value":        {at: Path{"services", "a.b", "tty", "x"}, value: 1, fails: true},
	} {
		before, after := Clone(sample()), Clone(sample()).(map[string]any)
		if err := Put(after, c.at, c.value, c.drop); (err != nil) != c.fails {
			t.Errorf("%s: error %v", name, err)
		} else if got := Diff(nil, before, Compact(after)); !c.fails && !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestReadingIsSafeAnywhere(t *testing.T) {
	t.Parallel()
	for _, at := range []any{nil, "text", 3, []any{1}, map[string]any{"key": nil}} {
		if Str(at, "key") != "" || Mapping(at, "key") != nil || List(at, "key") != nil || Truth(at, "key") {
			t.Errorf("%v has something", at)
		}
		if _, ok := Lookup(at, Path{"key", 0}); ok {
			t.Errorf("%v has key[0]", at)
		}
	}
}
