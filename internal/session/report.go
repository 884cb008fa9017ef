// SPDX-License-Identifier: Apache-2.0

package session

import (
	"fmt"
	"path/filepath"

	"github.com/seatrial/seatrial/internal/page"
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
	if t.Failed() && !isEmpty(a.Path()) {
		if err := a.AddToFailure(byItself, ""); err != nil {
			t.Logf("writing why the test failed: %v", err)
		}
	}
	if err := a.WriteMerged(); err != nil {
		t.Logf("merging the logs: %v", err)
	}
	if err := a.DropEmpty(); err != nil {
		t.Logf("removing empty artifacts: %v", err)
	}
	if isEmpty(a.Path()) || a.reporting == off || a.reporting == failed && !t.Failed() {
		return
	}
	if _, err := page.Make(a.Path(), a.Redact); err != nil {
		t.Logf("writing the report: %v", err)
		return
	}
	if t.Failed() {
		tellPath(t, "report", filepath.Join(a.Path(), page.Name))
	}
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
