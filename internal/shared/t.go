// SPDX-License-Identifier: Apache-2.0

package shared

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/isolate"
	"github.com/seatrial/seatrial/internal/report"
)

// A T is the T for what the tests of a package share.
type T struct {
	name     string
	ctx      context.Context
	cancel   context.CancelFunc
	began    time.Time
	deadline time.Time // zero means none
	chatty   bool      // prints at once

	mu       sync.Mutex
	out      io.Writer
	said     strings.Builder // output, printed if it fails
	failed   bool            // at least one of the tests failed
	blamed   bool            // it failed itself
	skipped  bool
	why      string  // why it was skipped
	causes   []error // errors passed to Errorf
	cleanups []func()
	helpers  map[string]bool // functions, by name
}

// newT returns a T that prints to out; if out is nil it keeps its output.
func newT(name string, out io.Writer) *T {
	t := &T{name: name, began: time.Now(), chatty: out != nil && chatty(), out: out, helpers: map[string]bool{}}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	if span, err := time.ParseDuration(flagOf("test.timeout")); err == nil && span > 0 {
		t.deadline = t.began.Add(span)
	}
	return t
}

func chatty() bool { return flagOf("test.v") != "" && flagOf("test.v") != "false" }

func (t *T) Name() string                { return t.name }
func (t *T) Context() context.Context    { return t.ctx }
func (t *T) Deadline() (time.Time, bool) { return t.deadline, !t.deadline.IsZero() }

func (t *T) Helper() {
	var callers [1]uintptr
	runtime.Callers(2, callers[:])
	frame, _ := runtime.CallersFrames(callers[:]).Next()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.helpers[frame.Function] = true
}

func (t *T) Logf(format string, args ...any) { t.say(fmt.Sprintf(format, args...)) }

func (t *T) Errorf(format string, args ...any) {
	t.say(fmt.Sprintf(format, args...))
	t.mu.Lock()
	t.causes = append(t.causes, report.Failure(format, args))
	t.mu.Unlock()
	t.fail()
}

func (t *T) FailNow() {
	t.fail()
	runtime.Goexit()
}

func (t *T) Skipf(format string, args ...any) {
	t.say(fmt.Sprintf(format, args...))
	t.mu.Lock()
	t.skipped, t.why = true, fmt.Sprintf(format, args...)
	t.mu.Unlock()
	runtime.Goexit()
}

func (t *T) fail() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed, t.blamed = true, true
}

// tests sets the exit code of the tests.
func (t *T) tests(code int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed = t.failed || code != 0
}

func (t *T) Failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}

func (t *T) Skipped() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.skipped
}

func (t *T) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

// say prints a message as a test does: with the line of the first caller that is no
// helper, and all lines but the first indented.
func (t *T) say(text string) {
	var callers [50]uintptr
	n := runtime.Callers(3, callers[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	text = "    " + t.place(callers[:n]) + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n        ") + "\n"
	if t.chatty {
		_, _ = io.WriteString(t.out, text) // an error cannot be reported anywhere
		return
	}
	t.said.WriteString(text)
}

// place returns the file and line of a message, or "" if they are not in the user's
// code.
func (t *T) place(callers []uintptr) string {
	frames := runtime.CallersFrames(callers)
	for {
		frame, more := frames.Next()
		if !t.helpers[frame.Function] {
			if strings.HasSuffix(frame.Function, "/isolate.Call.func1") {
				return ""
			}
			return fmt.Sprintf("%s:%d: ", filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}

// end cleans up, and prints the result.
func (t *T) end() {
	panicked := t.cleanUp()
	t.mu.Lock()
	defer t.mu.Unlock()
	took := time.Since(t.began).Seconds()
	switch {
	case t.blamed:
		fmt.Fprintf(t.out, "--- FAIL: %s (%.2fs)\n%sFAIL\n", t.name, took, t.said.String())
	case t.failed && t.said.Len() > 0:
		fmt.Fprintf(t.out, "what the tests share (%s):\n%s", t.name, t.said.String())
	case t.skipped && t.chatty:
		fmt.Fprintf(t.out, "--- SKIP: %s (%.2fs)\n", t.name, took)
	}
	if panicked != "" {
		panic(panicked)
	}
}

// cleanUp calls the functions given to Cleanup, the last one first. It returns the
// value of a panic.
func (t *T) cleanUp() (panicked string) {
	t.cancel()
	for {
		t.mu.Lock()
		n := len(t.cleanups)
		if n == 0 {
			t.mu.Unlock()
			return panicked
		}
		cleanup := t.cleanups[n-1]
		t.cleanups = t.cleanups[:n-1]
		t.mu.Unlock()
		if e := isolate.Call("a cleanup function of "+t.name, cleanup); e.Panicked != "" {
			panicked = e.Panicked
			t.fail()
		}
	}
}

// tell returns the output so far, and clears it.
func (t *T) tell() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	said := t.said.String()
	t.said.Reset()
	return said
}
