// SPDX-License-Identifier: Apache-2.0

package substitution

import (
	"fmt"
	"testing"
)

func TestMissing(t *testing.T) {
	t.Parallel()
	env := map[string]string{"SET": "x", "BLANK": ""}
	for _, c := range []struct{ text, compose, stack string }{
		{"$A and ${B}", "[{A false } {B false }]", "[{A false } {B false }]"},
		{"$$A $SET ${BLANK}", "[]", "[]"},
		{"${A:-x}", "[]", "[]"},
		{"${A:-${B}}", "[{B false }]", "[]"}, // docker stack deploy knows no variables in defaults
		{"${BLANK?why}", "[]", "[]"},
		{"${BLANK:?why}", "[{BLANK true why}]", "[{BLANK true why}]"},
		{"${SET:+${A}}", "[{A false }]", "[{A false }]"},
		{"${A", "[]", "[]"},
	} {
		if got := fmt.Sprint(Missing(c.text, env)); got != c.compose {
			t.Errorf("%s: got %s, want %s", c.text, got, c.compose)
		}
		if got := fmt.Sprint(MissingInStack(c.text, env)); got != c.stack {
			t.Errorf("%s of a stack: got %s, want %s", c.text, got, c.stack)
		}
	}
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	got := Expressions("$A:${B:-${C}}:$$D:$")
	if want := "[$A ${B:-${C}}]"; fmt.Sprint(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if name := NameIn(got[1]); name != "B" {
		t.Errorf("got %s, want B", name)
	}
}
