// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLocate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"both/Dockerfile", "both/dockerfile", "lower/dockerfile", "sub/in/D", "more/Dockerfile", "more/in/D", "more/deep/in/D"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ context, name, added, want string }{
		{"both", "", "", "both/Dockerfile"},
		{"lower", "", "", "lower/dockerfile"},
		{"lower", "Dockerfile", "", "lower/dockerfile"},
		{"none", "", "", "none/Dockerfile"},
		{"both", "", "more/Dockerfile", "more/Dockerfile"},
		{"both", "./Dockerfile", "more/Dockerfile", "more/Dockerfile"},
		{"lower", "", "more/Dockerfile", "more/Dockerfile"},
		{"both", "Other", "more/Dockerfile", "both/Other"},
		{"sub", "in/D", "more/in", "more/in/D"},
		{"sub", "in/D", "more/deep", "sub/in/D"},
		{"sub", "in/D", "more/Dockerfile", "sub/in/D"},
		{"both", "../sub/in/D", "more/in", "sub/in/D"},
		{"both", "$DIR/sub/in/D", "more/in", "sub/in/D"},
	} {
		var added []string
		if test.added != "" {
			added = []string{filepath.Join(dir, test.added)}
		}
		got := Locate(filepath.Join(dir, test.context), os.Expand(test.name, func(string) string { return dir }), added)
		if want := filepath.Join(dir, test.want); got != want {
			t.Errorf("Locate(%q, %q, %q) = %q, want %q", test.context, test.name, test.added, got, want)
		}
	}
}
