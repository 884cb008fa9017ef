// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"flag"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/isolate"
)

// T is seatrial.T.
type T interface {
	Name() string
	Helper()
	Logf(format string, args ...any)
	Errorf(format string, args ...any)
	FailNow()
	Failed() bool
	Cleanup(func())
	Context() context.Context
}

// An Inner T is one of ours, around the T of a test or around another one.
type Inner interface {
	T
	Outer() T
}

// TestOf returns the test itself, to which all belongs that is made.
func TestOf(t T) T {
	for {
		i, ok := t.(Inner)
		if !ok {
			return t
		}
		t = i.Outer()
	}
}

// failIfPanicking marks a test as failed that panics: its evidence is wanted as much as that
// of another. The testing package does it only after Cleanup.
func failIfPanicking(t T) {
	t.Helper()
	if at := isolate.Panicking(); at != "" && !t.Failed() {
		t.Errorf("the test panicked at %s: the end of the output says why", at)
	}
}

// An Expected is a T of which a failure is no failure of the test.
type Expected interface{ Expected() }

// isExpected reports whether a failure of this T is no failure of the test.
func isExpected(t T) bool {
	for {
		if _, is := t.(Expected); is {
			return true
		}
		inner, is := t.(Inner)
		if !is {
			return false
		}
		t = inner.Outer()
	}
}

// deadline returns by when a test must be over, if it says so.
func deadline(t T) (time.Time, bool) {
	if t, ok := TestOf(t).(interface{ Deadline() (time.Time, bool) }); ok {
		return t.Deadline()
	}
	return time.Time{}, false
}

// Progress says something about work that takes long, if anybody listens.
type Progress func(format string, args ...any)

// isVerbose reports whether the logs of tests are shown at once: go test -v.
func isVerbose() bool {
	f := flag.Lookup("test.v")
	return f != nil && f.Value.String() != "false"
}

// WithProgress does work that says how far it is: in the test's log, if that is shown at once. The
// work has a goroutine of its own then, and this one says it: a line of the log has the place
// of the first caller that is no helper, and those that work are none.
func WithProgress(t T, work func(say Progress)) {
	t.Helper()
	if !isVerbose() {
		work(func(string, ...any) {})
		return
	}
	said, done := make(chan string), make(chan struct{})
	var exit isolate.Exit
	go func() {
		defer close(done)
		exit = isolate.Call("a verb", func() {
			work(func(format string, args ...any) {
				select {
				case said <- fmt.Sprintf(format, args...):
				case <-done: // it left somebody
				}
			})
		})
	}()
	for {
		select {
		case text := <-said:
			t.Logf("%s", text)
			continue
		case <-done:
		}
		if exit.Panicked != "" {
			panic(exit.Panicked)
		}
		return
	}
}
