// SPDX-License-Identifier: Apache-2.0

package quote

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestFolded(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct{ lines, want []string }{
		"nothing":         {nil, nil},
		"one":             {[]string{"a"}, []string{"a"}},
		"others":          {[]string{"a", "b", "a"}, []string{"a", "b", "a"}},
		"equal":           {[]string{"a", "a", "b"}, []string{"a", "b"}},
		"two alike":       {[]string{"09:00:01 GET / 503", "09:00:02 GET / 503"}, []string{"09:00:01 GET / 503", "09:00:02 GET / 503"}},
		"many":            {[]string{"begins", "09:00:01 GET / 503", "09:00:02 GET / 503", "09:00:03 GET / 503", "ends"}, []string{"begins", "09:00:03 GET / 503", "(2 more like this)", "ends"}},
		"ids":             {[]string{"job 7f3a done", "job 81bc done", "job 0d done"}, []string{"job 0d done", "(2 more like this)"}},
		"words":           {[]string{"bad", "fed", "face"}, []string{"bad", "fed", "face"}}, // only letters: not numbers
		"equal, and many": {[]string{"x", "x", "x"}, []string{"x", "(2 more like this)"}},
	} {
		given := slices.Clone(tt.lines)
		if got := Folded(tt.lines); !slices.Equal(got, tt.want) || !slices.Equal(given, tt.lines) {
			t.Errorf("%s: Folded(%q) = %q, want %q", about, given, got, tt.want)
		}
	}
}

// Lines before five hundred similar ones are still shown.
func TestLast(t *testing.T) {
	t.Parallel()
	lines := []string{"one", "two", "opening the store: no such directory"}
	for i := range 500 {
		lines = append(lines, fmt.Sprintf("10:00:%02d GET /health 503", i%60))
	}
	folded, covered := Last(lines, 3)
	if want := "opening the store: no such directory, 10:00:19 GET /health 503, (499 more like this)"; strings.Join(folded, ", ") != want || covered != 501 {
		t.Errorf("Last = %q, %d, want %s, 501", folded, covered, want)
	}
	if folded, covered := Last(lines[:2], 3); len(folded) != 2 || covered != 2 {
		t.Errorf("Last of two = %q, %d", folded, covered)
	}
}

// No message has control sequences for terminals.
func TestPlain(t *testing.T) {
	t.Parallel()
	if got, want := Lines([]string{"\x1b[33m1 warning\x1b[0m\x1b]0;build\x07 found"}), "\n    | 1 warning found"; got != want {
		t.Errorf("Lines = %q, want %q", got, want)
	}
}

func TestLongLines(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ about, line, want string }{
		{"short", "ä is short", "\n    | ä is short"},
		{"as long as is shown", strings.Repeat("ä", mostOfLine), "\n    | " + strings.Repeat("ä", mostOfLine)},
		{"longer", "a" + strings.Repeat("ä", mostOfLine) + "z", "\n    | a" + strings.Repeat("ä", mostOfLine/2-1) + " … " + strings.Repeat("ä", mostOfLine/2-1) + "z"},
	} {
		if got := Lines([]string{test.line}); got != test.want {
			t.Errorf("%s: %d bytes, %.60q…", test.about, len(got), got)
		}
	}
}
