// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/page"
)

// A run that failed leaves what a failed test leaves, so that seatrial report tells of it.
func TestFailedRunLeavesAReport(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for about, tt := range map[string]struct {
		args []string
		why  string // nothing is a success
	}{
		"a command that fails": {[]string{"sh", "-c", "exit 3"}, "sh -c 'exit 3' exited with code 3"},
		"a start that fails":   {[]string{"pytest"}, "web exited with code 1 before becoming ready: no licence"},
		"a success":            {[]string{"true"}, ""},
	} {
		dir, err := artifact.Open(root, "run", "x")
		if err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		c := &call{args: tt.args, environ: []string{"DOCKER_HOST=tcp://127.0.0.1:1"}, stdout: io.Discard, stderr: &said}
		dir.AddMessages([]artifact.Message{{Time: time.Now(), Source: "web", Text: "serving"}})
		dir.Note("container web has started")
		if tt.why != "" {
			noteFailure(dir, tt.why)
		}
		c.closeArtifacts(t.Context(), dir, tt.why != "")
		run, err := page.MakeRun([]string{dir.Path()}, filepath.Join(root, "index.html"))
		if err != nil {
			t.Fatal(err)
		}
		if got := run.Tests[0]; got.First() != tt.why {
			t.Errorf("%s: the report says %q, want %q", about, got.First(), tt.why)
		} else if want := "seatrial run -- " + shellLine(tt.args); tt.why != "" && got.Test != want {
			t.Errorf("%s: it is of %q, want %q", about, got.Test, want)
		}
		files := []string{"merged.log", "timeline.txt"}
		if tt.why != "" {
			files = append(files, "failure.txt", "about.txt")
		}
		for _, name := range files {
			if _, err := os.Stat(filepath.Join(dir.Path(), name)); err != nil {
				t.Errorf("%s: %v", about, err)
			}
		}
		if tt.why == "" && said.Len() > 0 {
			t.Errorf("%s: it says %q", about, said.String())
		}
		if last := "report: " + filepath.Join(dir.Path(), page.Name) + "\nartifacts: " + dir.Path() + "\n"; tt.why != "" && said.String() != last {
			t.Errorf("%s: it says %q, want %q", about, said.String(), last)
		}
	}
}

// Of a start of which there is nothing to see but what the terminal has, nothing stays among
// the temporary files.
func TestNothingToSeeLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := artifact.Use(t.TempDir())
	noteFailure(dir, "no engine")
	if dir.Failure() == "" {
		t.Error("a directory that stays has no reason")
	}
	temporary, err := artifact.Open("", "run", "x")
	if err != nil {
		t.Fatal(err)
	}
	noteFailure(temporary, "no engine")
	(&call{stderr: io.Discard}).closeArtifacts(t.Context(), temporary, true)
	if _, err := os.Stat(temporary.Path()); err == nil {
		t.Errorf("%s stays", temporary.Path())
	}
}

func TestShellLine(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"pytest -k login --junit-xml=out/a.xml": {"pytest", "-k", "login", "--junit-xml=out/a.xml"},
		`sh -c 'echo '\''a b'\''; exit 3'`:      {"sh", "-c", "echo 'a b';\n\texit 3"},
		"x ''":                                  {"x", ""},
		"é1 -n4":                                {"é1", "-n4"},
		strings.Repeat("x", 200):                {strings.Repeat("x", 200)},
	} {
		if got := shellLine(args); got != want {
			t.Errorf("%q is shown as %s, want %s", args, got, want)
		}
	}
	if got := shellLine([]string{strings.Repeat("x", 1000)}); len(got) > 250 || !strings.HasSuffix(got, " …") {
		t.Errorf("a long one is shown as %s", got)
	}
}
