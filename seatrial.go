// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"time"
)

// T is what seatrial needs of a test: a name, a log, a way to fail, and an end.
// *testing.T, *testing.B and *testing.F satisfy it.
//
// A T that also has Deadline() (time.Time, bool), as *testing.T has, tells by
// when it must be over: nothing that seatrial does for it then takes longer,
// with time left to save the evidence and to clean up.
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

// Artifacts returns the absolute path of the test's artifact directory: the logs
// of all its containers, what was tailored and run, a time line, and, if the
// test failed, what the engine knew about everything at its end.
//
// If the environment has SEATRIAL_ARTIFACTS, it is a directory below that, and
// stays. A relative one is relative to the directory of each package. So it does with go test -artifacts. Otherwise it is a temporary
// directory that is kept if the test fails, and removed if it passes.
func Artifacts(t T) string {
	t.Helper()
	f, err := artifactsOf(t)
	if err != nil {
		fail(t, err)
	}
	return f.Path()
}

// fail ends the test with an error.
func fail(t T, err error) {
	t.Helper()
	t.Errorf("%v", redacted(t, typed(err))) // as an argument, so that Try finds it
	t.FailNow()
}

// reserve is how much of the time that a test has left is kept for its end: for
// ending the docker command that is at work, for saving the evidence, and for
// cleaning up.
func reserve(left time.Duration) time.Duration { return min(max(left/10, 5*time.Second), left/2) }

// limit returns a context for one verb: it ends with the test, after the limit,
// and before the test's deadline. What the deadline cuts off is cut off silently,
// unless the limit is one that the caller asked for.
func limit(t T, most, standard time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	if most < 0 {
		fail(t, fmt.Errorf("TimeLimit is %v, which is less than nothing", most))
	}
	if most > 0 {
		mustFit(t, "TimeLimit", most)
		standard = most
	}
	ctx := t.Context()
	if testOf(t).Context().Err() != nil { // in a cleanup function of the test, where its context has ended
		ctx = context.WithoutCancel(ctx)
	}
	if left, ok := remaining(t); ok {
		standard = min(standard, left)
	}
	return context.WithTimeout(ctx, standard)
}

// mustFit fails the test if a limit that its author gave reaches past its end.
func mustFit(t T, whose string, most time.Duration) {
	t.Helper()
	if left, ok := remaining(t); ok && left < most {
		fail(t, fmt.Errorf("a %s of %v does not fit: the test has %v left, and keeps some of it for its end\n    hint: go test -timeout gives it more", whose, most, left.Round(time.Millisecond)))
	}
}

// remaining returns how much time a test has left, less the reserve, if it says
// when it must be over.
func remaining(t T) (time.Duration, bool) {
	end, ok := deadline(t)
	left := time.Until(end)
	return max(left-reserve(left), 0), ok
}

// deadline returns by when a test must be over, if it says so.
func deadline(t T) (time.Time, bool) {
	if t, ok := testOf(t).(interface{ Deadline() (time.Time, bool) }); ok {
		return t.Deadline()
	}
	return time.Time{}, false
}
