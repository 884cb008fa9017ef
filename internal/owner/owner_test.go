// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"maps"
	"regexp"
	"testing"
)

func TestOwns(t *testing.T) {
	exact := Labels(Container, "orders-db-abc", "run1", "TestX")
	numbered := Labels(Container, "orders-abc-db-*", "run1", "TestX")
	change := func(labels map[string]string, key, value string) map[string]string {
		c := maps.Clone(labels)
		c[key] = value
		return c
	}
	tests := []struct {
		about           string
		run, kind, name string
		labels          map[string]string
		want            bool
	}{
		{"its own labels", "run1", Container, "orders-db-abc", exact, true},
		{"another run", "run2", Container, "orders-db-abc", exact, false},
		{"no run asked for", "", Container, "orders-db-abc", change(exact, LabelRun, ""), false},
		{"labels of another object", "run1", Container, "other", exact, false},
		{"labels inherited by another kind", "run1", Volume, "orders-db-abc", exact, false},
		{"no labels", "run1", Container, "orders-db-abc", nil, false},
		{"numbered by Compose", "run1", Container, "orders-abc-db-1", numbered, true},
		{"one-off of Compose", "run1", Container, "orders-abc-db-run-0123", numbered, true},
		{"a broken pattern", "run1", Container, "[", change(exact, LabelName, "["), false},
		{"a name of Compose's", "run1", Network, "net_orders-abc_x", Labels(Network, "*orders-abc*", "run1", "TestX"), true},
		{"numbered, another service", "run1", Container, "orders-abc-cache-1", numbered, false},
	}
	for _, test := range tests {
		if got := Owns(test.run, test.kind, test.name, test.labels); got != test.want {
			t.Errorf("%s: Owns(%q, %q, %q, %v) = %v, want %v", test.about, test.run, test.kind, test.name, test.labels, got, test.want)
		}
	}
}

func TestName(t *testing.T) {
	tests := []struct{ test, role, id, want string }{
		{"TestOrders", "db", "abc", "orders-db-abc"},
		{"TestOrders/two_copies at once!", "", "abc", "orders-two-copies-at-abc"},
		{"TestÄ", "ö", "abc", "abc"},
		{"BenchmarkUp", "a/b:c", "abc", "benchmarkup-a-b-c-abc"},
	}
	for _, test := range tests {
		if got := Name(test.test, test.role, test.id); got != test.want {
			t.Errorf("Name(%q, %q, %q) = %q, want %q", test.test, test.role, test.id, got, test.want)
		}
	}
}

func TestNamesAreUniqueAndFit(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)
	seen := map[string]bool{}
	for range 10000 {
		name := Name("TestAVeryLongNameIndeed/with_subtests/and_more", "and-a-long-role", NewID())
		if !form.MatchString(name) {
			t.Fatalf("name %q does not match %v", name, form)
		}
		if seen[name] {
			t.Fatalf("name %q came twice", name)
		}
		seen[name] = true
	}
}
