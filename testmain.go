// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/isolate"
)

// Main is for the TestMain of a package whose tests share something. It calls a
// function that makes it, runs the tests, removes what was made, and exits.
//
//	var db *seatrial.Container
//
//	func TestMain(m *testing.M) {
//		seatrial.Main(m, func(t seatrial.T) {
//			db = seatrial.Run(t, spec.Container{Image: "postgres:17", Ports: []int{5432}})
//		})
//	}
//
// Tests use the handles with a T of their own: db.Addr(t, 5432). So do benchmarks
// and fuzz targets, whose *testing.B and *testing.F are a T for every verb.
//
// If the function fails, no test is run, and the exit code is 1. If it skips (see
// [Need]), no test is run either, and the exit code is 0. The T ends after the
// last test, and counts as failed if one of them did, so that its artifacts are
// kept, and SEATRIAL_KEEP=failed keeps what was made. Its deadline is that of go
// test -timeout, counted from the start of the program. What was made also goes if
// a test panics, calls os.Exit or runs out of time: see "The end of a test" above.
//
// With go test -list nothing is made. With go test -fuzz, each worker is a
// process of its own that makes its own; -parallel says how many there are.
func Main(m interface{ Run() int }, setUp func(t T)) {
	os.Exit(runMain(m, setUp, os.Stdout))
}

func runMain(m interface{ Run() int }, setUp func(t T), out io.Writer) (code int) {
	if !flag.Parsed() {
		flag.Parse() // Run would do it
	}
	if flagOf("test.list") != "" {
		return m.Run()
	}
	t := newSharedT("TestMain", out)
	e := isolate.Call("the function given to Main", func() { setUp(t) })
	switch {
	case t.Skipped():
	case !e.Returned || t.Failed():
		t.fail()
	default:
		code = m.Run()
		t.tests(code)
	}
	t.end()
	ok := endShared(code, out)
	if e.Panicked != "" {
		panic(e.Panicked)
	}
	if (t.Failed() || !ok) && code == 0 {
		code = 1
	}
	return code
}

// flagOf returns the value of a flag of go test, or nothing.
func flagOf(name string) string {
	if f := flag.Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}

// A sharedT is the T of what the tests of a package share.
type sharedT struct {
	name     string
	ctx      context.Context
	cancel   context.CancelFunc
	began    time.Time
	deadline time.Time // zero: none
	chatty   bool      // says at once what it has to say

	mu       sync.Mutex
	out      io.Writer
	said     strings.Builder // what is to be said if it fails
	failed   bool            // one of the tests, at least
	blamed   bool            // by itself
	skipped  bool
	why      string  // it was skipped
	causes   []error // among what was said by Errorf
	cleanups []func()
	helpers  map[string]bool // functions, by name
}

// newSharedT returns one that says what it has to say to out; one that has none
// keeps it.
func newSharedT(name string, out io.Writer) *sharedT {
	t := &sharedT{name: name, began: time.Now(), chatty: out != nil && chatty(), out: out, helpers: map[string]bool{}}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	if span, err := time.ParseDuration(flagOf("test.timeout")); err == nil && span > 0 {
		t.deadline = t.began.Add(span)
	}
	return t
}

func chatty() bool { return flagOf("test.v") != "" && flagOf("test.v") != "false" }

func (t *sharedT) Name() string                { return t.name }
func (t *sharedT) Context() context.Context    { return t.ctx }
func (t *sharedT) Deadline() (time.Time, bool) { return t.deadline, !t.deadline.IsZero() }

func (t *sharedT) Helper() {
	var callers [1]uintptr
	runtime.Callers(2, callers[:])
	frame, _ := runtime.CallersFrames(callers[:]).Next()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.helpers[frame.Function] = true
}

func (t *sharedT) Logf(format string, args ...any) { t.say(fmt.Sprintf(format, args...)) }

func (t *sharedT) Errorf(format string, args ...any) {
	t.say(fmt.Sprintf(format, args...))
	t.mu.Lock()
	t.causes = append(t.causes, newFailure(format, args))
	t.mu.Unlock()
	t.fail()
}

func (t *sharedT) FailNow() {
	t.fail()
	runtime.Goexit()
}

func (t *sharedT) Skipf(format string, args ...any) {
	t.say(fmt.Sprintf(format, args...))
	t.mu.Lock()
	t.skipped, t.why = true, fmt.Sprintf(format, args...)
	t.mu.Unlock()
	runtime.Goexit()
}

func (t *sharedT) fail() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed, t.blamed = true, true
}

// tests says with which code the tests ended.
func (t *sharedT) tests(code int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed = t.failed || code != 0
}

func (t *sharedT) Failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.failed
}

func (t *sharedT) Skipped() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.skipped
}

func (t *sharedT) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

// say prints a message as a test does: with the line of the caller that is no
// helper, and what is below its first line indented.
func (t *sharedT) say(text string) {
	var callers [50]uintptr
	n := runtime.Callers(3, callers[:])
	t.mu.Lock()
	defer t.mu.Unlock()
	text = "    " + t.place(callers[:n]) + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n        ") + "\n"
	if t.chatty {
		_, _ = io.WriteString(t.out, text) // there is nobody else to tell
		return
	}
	t.said.WriteString(text)
}

// place returns where a message comes from: nothing, if that is not the user's
// code.
func (t *sharedT) place(callers []uintptr) string {
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

// end cleans up, and prints how it went.
func (t *sharedT) end() {
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

// cleanUp calls the functions given to Cleanup, the last one first. It returns
// what one of them panicked with.
func (t *sharedT) cleanUp() (panicked string) {
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

// tell returns what was said so far, and forgets it.
func (t *sharedT) tell() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	said := t.said.String()
	t.said.Reset()
	return said
}
