// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
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
	f, err := folderOf(t)
	if err != nil {
		fail(t, err)
	}
	return f.Path()
}

// fail ends the test with an error.
func fail(t T, err error) {
	t.Helper()
	t.Errorf("%v", err)
	t.FailNow()
}

// reserve is how much of the time that a test has left is kept for its end: for
// ending the docker command that is at work, for saving the evidence, and for
// cleaning up.
func reserve(left time.Duration) time.Duration { return min(max(left/10, 5*time.Second), left/2) }

// limit returns a context for one verb: it ends with the test, after the limit,
// and before the test's deadline. What the deadline cuts off is cut off silently.
func limit(t T, most, standard time.Duration) (context.Context, context.CancelFunc) {
	if most <= 0 {
		most = standard
	}
	ctx := t.Context()
	if testOf(t).Context().Err() != nil { // in a cleanup function of the test, where its context has ended
		ctx = context.WithoutCancel(ctx)
	}
	if end, ok := deadline(t); ok {
		left := time.Until(end)
		most = min(most, max(left-reserve(left), 0))
	}
	return context.WithTimeout(ctx, most)
}

// deadline returns by when a test must be over, if it says so.
func deadline(t T) (time.Time, bool) {
	if t, ok := testOf(t).(interface{ Deadline() (time.Time, bool) }); ok {
		return t.Deadline()
	}
	return time.Time{}, false
}

// problems collects what is wrong with a spec, so that all of it is said at once.
type problems []error

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

// joined returns all of them, or nil.
func (p problems) joined() error { return errors.Join(p...) }

func (p problems) err(what string) error {
	if len(p) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %w", what, errors.Join(p...))
}
