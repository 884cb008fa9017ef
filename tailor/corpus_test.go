// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/spec"
)

// Case 91: every file of a corpus of real ones is planned or refused with
// positions, and what is planned reloads to exactly the planned model, which
// Compose itself checks. The corpus is a directory with an index.tsv, whose
// columns named class, stack_style and file are used.
func TestCorpus(t *testing.T) {
	root := os.Getenv("SEATRIAL_CORPUS")
	if root == "" {
		t.Skip("SEATRIAL_CORPUS names no directory with real files")
	}
	rows := readIndex(t, filepath.Join(root, "index.tsv"))
	outcomes := map[string]int{}
	rules := map[string]int{}
	var times []time.Duration
	filled := 0
	for _, row := range rows {
		name := filepath.Join(root, row["file"])
		start := time.Now()
		plan, err := Compose(context.Background(), spec.Project{Files: []string{name}}, Options{Base: map[string]string{"HOME": "/home/somebody"}})
		if err == nil {
			times = append(times, time.Since(start))
		}
		outcome := outcomeOf(t, row["file"], plan, err)
		group := row["class"]
		if row["stack_style"] == "1" {
			group += " stack"
		}
		outcomes[group+": "+outcome]++
		if plan != nil && group == "shipped" {
			count(rules, plan)
		}
		if env := blanks(plan); len(env) > 0 { // once more with values
			plan, err := Compose(context.Background(), spec.Project{Files: []string{name}, Env: env}, Options{})
			outcomes[group+", variables given: "+outcomeOf(t, row["file"], plan, err)]++
			filled++
		}
		if outcome == "unreadable" && group == "shipped" {
			t.Logf("%s: %v", row["file"], err)
		}
	}
	for _, m := range []map[string]int{outcomes, rules} {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			t.Logf("%4d  %s", m[k], k)
		}
	}
	slices.Sort(times)
	t.Logf("%d files, %d more with variables given; of those planned, median %v, 99th percentile %v", len(rows), filled, times[len(times)/2], times[len(times)*99/100])
}

// outcomeOf sorts a result and fails the test if it may not be.
func outcomeOf(t *testing.T, file string, plan *Plan, err error) string {
	t.Helper()
	var re *RefusedError
	var rd *ReadError
	var be *bugError
	switch {
	case errors.As(err, &be):
		t.Errorf("%s: %v", file, err)
		return "our bug"
	case errors.As(err, &re):
		var why []string
		for _, f := range re.Findings {
			if f.Line == 0 || f.Column == 0 {
				t.Errorf("%s: refusal without a place: %s", file, f)
			}
			why = append(why, f.Rule)
		}
		slices.Sort(why)
		return "refused: " + strings.Join(slices.Compact(why), ", ")
	case errors.As(err, &rd):
		return "unreadable"
	case err != nil:
		t.Errorf("%s: %v", file, err)
		return "other error"
	}
	for _, e := range plan.Edits {
		if e.Line == 0 || e.Column == 0 {
			t.Errorf("%s: edit without a place: %s", file, e)
		}
	}
	for _, f := range plan.Findings {
		if f.Line == 0 || f.Column == 0 {
			t.Errorf("%s: finding without a place: %s", file, f)
		}
	}
	warned := slices.ContainsFunc(plan.Findings, func(f Finding) bool { return f.Severity == Warning })
	switch {
	case warned:
		return "planned, with warnings"
	case len(plan.Edits) > 0:
		return "planned"
	}
	return "clean"
}

// blanks returns a value for each variable that has none.
func blanks(plan *Plan) map[string]string {
	env := map[string]string{}
	if plan != nil {
		for _, f := range plan.Findings {
			if name, ok := strings.CutPrefix(f.What, "variable "); ok {
				name, _, _ = strings.Cut(name, " ")
				env[name] = "./given" // a path, where it may be
				if !strings.Contains(f.Path, "volumes") {
					env[name] = "1"
				}
			}
		}
	}
	return env
}

func count(rules map[string]int, plan *Plan) {
	seen := map[string]bool{}
	for _, e := range plan.Edits {
		seen["edit "+e.Rule] = true
	}
	for _, f := range plan.Findings {
		seen[fmt.Sprintf("%s %s", f.Severity, f.Rule)] = true
	}
	for k := range seen {
		rules[k]++
	}
}

// readIndex reads a table with a header line.
func readIndex(t *testing.T, name string) []map[string]string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var header []string
	var rows []map[string]string
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if header == nil {
			header = fields
			continue
		}
		row := map[string]string{}
		for i, h := range header {
			if i < len(fields) {
				row[h] = fields[i]
			}
		}
		rows = append(rows, row)
	}
	return rows
}
