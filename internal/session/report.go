// SPDX-License-Identifier: Apache-2.0

package session

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/page"
	"github.com/seatrial/seatrial/internal/report"
)

// reporting is what SEATRIAL_REPORT says: of which tests there is a page.
type reporting string

const (
	always reporting = "always"
	failed reporting = "failed"
	off    reporting = "off"
)

func readReporting(value string) (reporting, error) {
	switch r := reporting(value); r {
	case "":
		return failed, nil
	case always, failed, off:
		return r, nil
	}
	return "", fmt.Errorf("SEATRIAL_REPORT=%q is not always, failed or off", value)
}

// Sampled reports whether memory and CPU of containers are recorded while the test goes on.
// Nobody else pays for it.
func (a *Artifacts) Sampled() bool { return a.reporting == always }

// byItself stands for a reason that only package testing knows.
const byItself = "The test failed by a check of its own: what it says is in the output of go test."

// complete writes what is made of all that the directory holds. What it cannot write is
// said, and fails no test.
func (a *Artifacts) complete(t T) {
	t.Helper()
	if t.Failed() && !IsEmpty(a.Path()) {
		if err := a.AddToFailure(byItself, ""); err != nil {
			t.Logf("writing why the test failed: %v", err)
		}
	}
	made, err := complete(a.Dir, a.reporting, t.Failed())
	if err != nil {
		t.Logf("%v", err)
	}
	if made != "" && t.Failed() {
		tellPath(t, "report", made)
	}
}

// Complete writes what is made of all that the directory of a command holds, and returns the
// path of the page, if there is one. Which is the value of SEATRIAL_REPORT.
func Complete(dir *artifact.Dir, which string, failed bool) (made string, err error) {
	reports, err := readReporting(which)
	if err != nil {
		return "", err
	}
	return complete(dir, reports, failed)
}

func complete(dir *artifact.Dir, reports reporting, hasFailed bool) (made string, err error) {
	var problems report.Problems
	if _, err := os.Stat(filepath.Join(dir.Path(), artifact.TimelineName)); err == nil {
		dir.End() // no session did, of a command or of a test that used no engine
	}
	if err := dir.WriteMerged(); err != nil {
		problems.Add("merging the logs: %w", err)
	}
	if err := dir.DropEmpty(); err != nil {
		problems.Add("removing empty artifacts: %w", err)
	}
	if IsEmpty(dir.Path()) || reports == off || reports == failed && !hasFailed {
		return "", problems.Joined()
	}
	if _, err := page.Make(dir.Path(), dir.Redact); err != nil {
		problems.Add("writing the report: %w", err)
		return "", problems.Joined()
	}
	return filepath.Join(dir.Path(), page.Name), problems.Joined()
}

// tellPath says where something is: in the test's log, and to what reads go test -json.
func tellPath(t T, what, path string) {
	t.Helper()
	if t, ok := t.(interface{ Attr(key, value string) }); ok { // since Go 1.25
		t.Attr(what, path)
	}
	t.Logf("%s: %s", what, path)
}

// Note writes what a test does into its time line, if it has one yet.
func Note(t T, format string, args ...any) {
	process.artifacts.Lock()
	a := process.artifacts.of[TestOf(t)]
	process.artifacts.Unlock()
	if a != nil {
		a.Note(format, args...)
	}
}

// NoteShared writes into the time line of what tests share that it is made. It ends with the
// process, and nobody may be left to note that.
func NoteShared(t T) { Note(t, "%s", artifact.Shared) }

// NoteFailure writes down why a test fails, if it does by that: Try expects failures.
func NoteFailure(t T, err error) {
	if isExpected(t) {
		return
	}
	process.artifacts.Lock()
	a := process.artifacts.of[TestOf(t)]
	process.artifacts.Unlock()
	if a == nil { // nothing was made yet: the output of go test says it all
		return
	}
	text := err.Error()
	if at := place(); at != "" {
		text = at + ": " + text
	}
	_ = a.AddFailure(text) // it is a copy of what is printed
}
