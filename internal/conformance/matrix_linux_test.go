// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/internal/enginetest"
)

var update = flag.Bool("update", false, "write the table of docs/engines.md")

// A row is a kind of engine, and a way to connect to it.
type row struct {
	name, about string
	// start starts the engine, and returns a command that runs the checks there. If
	// that is not possible it skips the test.
	start func(t *testing.T, k kit) *exec.Cmd
}

// A kit has the files that the checks need, wherever they run.
type kit struct {
	program string // this test's program, linked statically
	probe   string // the program of the containers
	context string // to build the probe's image from
	dir     string // testdata is below it
}

// here returns a command that runs the checks on this machine.
func (k kit) here(env ...string) *exec.Cmd {
	cmd := exec.Command(k.program, "-test.run=^TestChecks$", "-test.v", "-test.timeout=30m")
	cmd.Dir = k.dir
	cmd.Env = append(os.Environ(), k.environ()...)
	cmd.Env = append(cmd.Env, "DOCKER_CONTEXT=", "DOCKER_TLS_VERIFY=", "DOCKER_CERT_PATH=", "SEATRIAL_NO_COLLECT=1")
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

func (k kit) environ() []string {
	return []string{"SEATRIAL_CONFORMANCE=1", "SEATRIAL_PROBE=" + k.probe, "SEATRIAL_CONFORMANCE_CONTEXT=" + k.context}
}

// newKit compiles the checks without C libraries, because they also run in
// containers without any.
func newKit(t *testing.T) kit {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	k := kit{program: filepath.Join(t.TempDir(), "checks"), context: enginetest.ProbeContext(t), dir: dir}
	k.probe = filepath.Join(k.context, "probe")
	cmd := exec.Command("go", "test", "-c", "-o", k.program, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("compiling the checks: %v\n%s", err, out)
	}
	return k
}

// TestMatrix runs the checks on every kind of engine, and compares the results with
// the table in the docs, or writes the table.
func TestMatrix(t *testing.T) {
	if os.Getenv("SEATRIAL_CONFORMANCE") != "" {
		t.Skip("these are the checks that it has started")
	}
	if testing.Short() {
		t.Skip("starts engines")
	}
	number := enginetest.Sample(t, "SEATRIAL_MATRIX", len(sampled), len(rows), "rows of docs/engines.md")
	all := *update || number == len(rows)
	k := newKit(t)
	table := readTable(t)
	if *update {
		t.Cleanup(func() { writeTable(t, table) })
	}
	var mu sync.Mutex
	for _, r := range rows {
		if !all && !slices.Contains(sampled, r.name) {
			continue
		}
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			cmd := r.start(t, k)
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			err := cmd.Run()
			got := results(out.String())
			if err != nil || len(got) != len(columns()) {
				t.Fatalf("the checks end with %v after %d of %d results:\n%s", err, len(got), len(columns()), out.String())
			}
			mu.Lock()
			defer mu.Unlock()
			want := table[r.name]
			if diff := cmp.Diff(want, got); diff != "" && !*update {
				t.Errorf("docs/engines.md says otherwise (-documented +found; -update writes it):\n%s\n%s", diff, out.String())
			}
			table[r.name] = got
		})
	}
}

// columns returns the names of the results of one run.
func columns() []string {
	var all []string
	for _, c := range checks {
		all = append(all, c.name)
	}
	return append(all, "end", "killed")
}

// results reads the output of the checks. What all of them left behind is one column.
func results(out string) map[string]string {
	found := map[string]string{}
	for line := range strings.Lines(out) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), resultMark)
		name, result, _ := strings.Cut(line, "=")
		if !ok {
			continue
		}
		if about, left := strings.CutPrefix(name, "left/"); left {
			if name = "end"; result != yes {
				result += " after " + about
			}
			if found[name] != "" && found[name] != yes {
				continue
			}
		}
		found[name] = result
	}
	return found
}

const docs = "../../docs/engines.md"

// The table is between these lines.
const (
	tableBegin = "<!-- made by internal/conformance: go test -run TestMatrix -update -->\n"
	tableEnd   = "<!-- end -->\n"
)

// readTable reads the table by row and column. A number in a cell refers to a
// sentence below the table.
func readTable(t *testing.T) map[string]map[string]string {
	t.Helper()
	content, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(content), tableBegin)
	text, _, ok2 := strings.Cut(text, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", docs)
	}
	notes := map[string]string{}
	for line := range strings.Lines(text) {
		if number, note, ok := strings.Cut(strings.TrimSpace(line), ". `"); ok {
			notes[number] = strings.TrimSuffix(note, "`")
		}
	}
	table := map[string]map[string]string{}
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != len(columns())+1 {
			continue
		}
		row := map[string]string{}
		for i, name := range columns() {
			cell := strings.TrimSpace(cells[i+1])
			if number, ok := strings.CutPrefix(cell, "no, "); ok {
				cell = notes[number]
			}
			row[name] = cell
		}
		table[strings.TrimSpace(cells[0])] = row
	}
	return table
}

func writeTable(t *testing.T, table map[string]map[string]string) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "| engine | %s |\n|%s\n", strings.Join(columns(), " | "), strings.Repeat("---|", len(columns())+1))
	var notes []string
	for _, r := range rows {
		if table[r.name] == nil {
			continue
		}
		fmt.Fprintf(&b, "| %s |", r.name)
		for _, name := range columns() {
			cell := table[r.name][name]
			if cell != yes {
				if !slices.Contains(notes, cell) {
					notes = append(notes, cell)
				}
				cell = fmt.Sprintf("no, %d", slices.Index(notes, cell)+1)
			}
			fmt.Fprintf(&b, " %s |", cell)
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	for i, note := range notes {
		fmt.Fprintf(&b, "%d. `%s`\n", i+1, note)
	}
	b.WriteString("\nThe rows:\n\n")
	for _, r := range rows {
		if table[r.name] != nil {
			fmt.Fprintf(&b, "- **%s**: %s\n", r.name, r.about)
		}
	}
	b.WriteString("\nThe columns:\n\n")
	for _, c := range checks {
		fmt.Fprintf(&b, "- **%s**: %s\n", c.name, c.about)
	}
	b.WriteString("- **end**: after each test, the engine holds what it held before\n")
	b.WriteString("- **killed**: the same, a while after a test was killed (SIGKILL)\n")
	content, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(content), tableBegin)
	_, after, _ := strings.Cut(rest, tableEnd)
	if err := os.WriteFile(docs, []byte(before+tableBegin+b.String()+tableEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
