// SPDX-License-Identifier: Apache-2.0

package firstline_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the catalogue that people read")

// A failure is one row of the catalogue.
type failure struct {
	Cause string
	Rules rules
	Line  func(t *testing.T) string // the first line that people get
}

// rules say what is expected of a first line.
type rules struct {
	Want    []string // all must be in it; of A | B one of them
	Symptom []string // one shows the object or the symptom, if not the cause
	Not     []string // none may be in it
	Nothing bool     // it quotes nothing

	Exit    int    // the code with which it ended
	Step    string // of a Dockerfile
	Listens string // what listens in the container
}

func readRules(t *testing.T, text string) rules {
	t.Helper()
	r := rules{Exit: 1}
	for line := range strings.Lines(strings.TrimSpace(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case key == "want" && value == "nothing":
			r.Nothing = true
		case key == "want":
			r.Want = append(r.Want, strings.Split(value, " & ")...)
		case key == "symptom":
			r.Symptom = append(r.Symptom, value)
		case key == "not":
			r.Not = append(r.Not, value)
		case key == "exit":
			r.Exit, _ = strconv.Atoi(value)
		case key == "step":
			r.Step = value
		case key == "listens":
			r.Listens = value
		default:
			t.Fatalf("no rule is %q", line)
		}
	}
	if len(r.Want) == 0 && !r.Nothing {
		t.Fatalf("nothing is wanted by %q", text)
	}
	return r
}

// verdict judges a line: yes if it names the cause, partly if it shows no more than the
// object or the symptom, no if it says nothing of it or misleads.
func (r rules) verdict(line string) string {
	has := func(text string) bool { return strings.Contains(line, text) }
	switch {
	case slices.ContainsFunc(r.Not, has):
		return "no"
	case r.Nothing:
		if strings.HasSuffix(line, " exited with code "+strconv.Itoa(r.Exit)+" before becoming ready") {
			return "yes"
		}
		return "no"
	case !slices.ContainsFunc(r.Want, func(all string) bool { return !slices.ContainsFunc(strings.Split(all, " | "), has) }):
		return "yes"
	case slices.ContainsFunc(r.Symptom, has):
		return "partly"
	}
	return "no"
}

// TestCatalogue asks for the first line of every failure, judges it by its rules, and keeps
// the whole for people to read.
func TestCatalogue(t *testing.T) {
	var text strings.Builder
	count := map[string]int{}
	for _, kind := range kinds {
		failures := kind.read(t)
		fmt.Fprintf(&text, "\n%s (%d)\n", kind.name, len(failures))
		for _, f := range failures {
			line, _, _ := strings.Cut(f.Line(t), "\n")
			verdict := f.Rules.verdict(line)
			count[verdict]++
			fmt.Fprintf(&text, "\n    %s\n    %-6s | %s\n", f.Cause, verdict, line)
			if verdict != "yes" {
				t.Errorf("%s: %s: %s: the first line is\n    %s\nwant in it %q, and not %q", kind.name, f.Cause, verdict, line, f.Rules.Want, f.Rules.Not)
			}
		}
	}
	all := count["yes"] + count["partly"] + count["no"]
	got := fmt.Sprintf("Failures as they happen, and the first line that tells of each: %d of %d name the cause, %d the\nobject or the symptom, %d mislead or are silent.\n%s",
		count["yes"], all, count["partly"], count["no"], text.String())
	const file = "testdata/catalogue.txt"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s is not what comes out now (%v): go test -update writes it", file, err)
	}
}

// read reads the cases of a file in testdata, in their order: what is known of each, by
// the words after its name.
func read(t *testing.T, name string, line func(t *testing.T, r rules, files map[string]string) string) []failure {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	cases := map[string]map[string]string{}
	for _, f := range archive.Files {
		at := strings.LastIndex(f.Name, "/")
		cause, what := f.Name[:at], f.Name[at+1:]
		if cases[cause] == nil {
			cases[cause] = map[string]string{}
			order = append(order, cause)
		}
		if _, twice := cases[cause][what]; twice {
			t.Fatalf("%s is there twice in %s", f.Name, name)
		}
		cases[cause][what] = string(f.Data)
	}
	var all []failure
	for _, cause := range order {
		files := cases[cause]
		r := readRules(t, files["rules"])
		delete(files, "rules")
		all = append(all, failure{cause, r, func(t *testing.T) string { return line(t, r, files) }})
	}
	return all
}
