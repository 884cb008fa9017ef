// SPDX-License-Identifier: Apache-2.0

package dockerfile

import (
	"strings"
	"testing"
)

// Only the stages that a target needs are built, and only their bases count.
func TestStagesThatAreBuilt(t *testing.T) {
	t.Parallel()
	const stages = "FROM a AS one\nFROM b AS two\nCOPY --from=c x /\n"
	for about, tt := range map[string]struct {
		file        string
		target      string
		contexts    []string
		built, idle string
	}{
		"the last":                          {file: stages, built: "b c", idle: "a"},
		"a target":                          {file: stages, target: "One", built: "a", idle: "b c"},
		"a target that is not there":        {file: stages, target: "none", built: "b c", idle: "a"},
		"FROM":                              {file: stages + "FROM one\n", built: "a", idle: "b c"},
		"COPY":                              {file: stages + "FROM d\nCOPY --from=Two x /\n", built: "b c d", idle: "a"},
		"COPY by number":                    {file: stages + "FROM d\nCOPY --from=0 x /\n", built: "a d", idle: "b c"},
		"COPY of a later stage":             {file: "FROM a AS one\nCOPY --from=three x /\nFROM b AS two\nFROM c AS three\n", target: "one", built: "a c", idle: "b"},
		"RUN":                               {file: stages + "FROM d\nRUN --mount=from=one,target=/m true\n", built: "a d", idle: "b c"},
		"through others":                    {file: stages + "FROM two AS three\nFROM d\nCOPY --from=three x /\n", built: "b c d", idle: "a"},
		"ARG":                               {file: "ARG BASE=one\n" + stages + "FROM $BASE\n", built: "a", idle: "b c"},
		"ONBUILD of a base":                 {file: stages + "FROM d AS base\nONBUILD COPY --from=one x /\nFROM base\n", built: "a d", idle: "b c"},
		"ONBUILD of what is built":          {file: stages + "FROM d\nONBUILD COPY --from=one x /\nONBUILD COPY --from=e x /\n", built: "d e", idle: "a b c"},
		"the same name in both":             {file: "FROM a\nFROM a AS two\n", built: "a"},
		"two stages of one name":            {file: "FROM a AS one\nFROM b AS one\nFROM one\n", built: "b", idle: "a"},
		"a context in the place of a stage": {file: stages + "FROM two\n", contexts: []string{"two"}, idle: "a"},
		"stages that need each other":       {file: "FROM a AS one\nCOPY --from=two x /\nFROM b AS two\nCOPY --from=one x /\n", built: "a b"},
	} {
		f, _, err := Parse([]byte(tt.file))
		if err != nil {
			t.Fatal(err)
		}
		s := Settings{Target: tt.target, Contexts: tt.contexts}
		built, err := f.Bases(s)
		if err != nil {
			t.Fatal(err)
		}
		idle, err := f.Idle(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := refs(built); got != tt.built {
			t.Errorf("%s: it builds on %q, want %q", about, got, tt.built)
		}
		if got := refs(idle); got != tt.idle {
			t.Errorf("%s: not built is %q, want %q", about, got, tt.idle)
		}
	}
}

func refs(bases []Base) string {
	var all []string
	for _, b := range bases {
		all = append(all, b.Ref)
	}
	return strings.Join(all, " ")
}
