// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// docs/command.md has a row for each verb of environments, with its flags, and the
// flags of docker compose that it refuses.
func TestTableOfFlags(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile("../../docs/command.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]string{}
	for line := range strings.Lines(string(content)) {
		if rest, ok := strings.CutPrefix(line, "| `"); ok {
			name, _, _ := strings.Cut(rest, "`")
			name, _, _ = strings.Cut(name, " ")
			rows[name] = line
		}
	}
	elsewhere := map[string]bool{"doctor": true, "gc": true, "tailor": true, "version": true} // their help has them
	for _, v := range verbs() {
		if elsewhere[v.name] {
			continue
		}
		row := rows[v.name]
		if row == "" {
			t.Errorf("no row for %s", v.name)
			continue
		}
		flags := pflag.NewFlagSet(v.name, pflag.ContinueOnError)
		if v.options != nil {
			v.options(flags)
		}
		flags.VisitAll(func(f *pflag.Flag) {
			if !strings.Contains(row, "--"+f.Name) && (f.Shorthand == "" || !strings.Contains(row, "`-"+f.Shorthand)) {
				t.Errorf("%s: the row lacks --%s", v.name, f.Name)
			}
		})
		for name := range v.elsewhere {
			if flags.Lookup(name) != nil {
				t.Errorf("%s has --%s, and refuses it", v.name, name)
			}
			if !strings.Contains(row, "--"+name) {
				t.Errorf("%s: the row lacks --%s, which is refused", v.name, name)
			}
		}
	}
}
