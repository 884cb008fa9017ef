// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/seatrial/seatrial/internal/isolate"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
)

// Try calls a function and returns why it failed, or nil: for a test that expects
// a failure, or that goes on after one. The function gets a T of its own, and must
// use that one.
//
//	err := seatrial.Try(t, func(t seatrial.T) {
//		seatrial.Run(t, spec.Container{Image: img.Ref, Env: map[string]string{"LICENCE": "expired"}})
//	})
//	var exit *wait.ExitError
//	if !errors.As(err, &exit) || exit.State.ExitCode != 3 {
//		t.Errorf("with an expired licence: %v, want exit code 3", err)
//	}
//
// The text of the error is what the test would have printed. Its causes are found
// by errors.As:
//
//	*BuildError            an image could not be built
//	*CommandError          a command failed, on this machine or in a container
//	*wait.ExitError        a container ended; it has the exit code
//	*TaskError             a task of a service failed, or no node takes it
//	*wait.Error            something did not become ready; it has the last lines
//	*tailor.RefusedError   a Compose file cannot be run beside others
//	*tailor.ReadError      a Compose file cannot be read
//
// The deadline of the test, and limits, are errors that errors.Is finds to be
// context.DeadlineExceeded.
//
// What the function made before it failed belongs to the test, goes with it, and
// can be looked at until then; what it gave to Cleanup is called at the end of the
// test. If the function skips (see [Need]), so does the test, and if it panics,
// Try does. When it has returned, its T can start nothing any more.
func Try(t T, f func(t T)) error {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	a := &attempt{T: t, ctx: ctx}
	e := isolate.Call("a function given to Try", func() { f(a) })
	cancel(errTried)
	if e.Panicked != "" {
		panic(e.Panicked)
	}
	err, ended := a.end()
	switch {
	case e.Returned || ended:
	case a.skips != "":
		skip(t, a.skips)
	default:
		endWith(t)
	}
	return err
}

var errTried = errors.New("the function given to Try has returned")

// An attempt is the T of a function that may fail.
type attempt struct {
	T
	ctx   context.Context
	skips string // why

	mu    sync.Mutex
	errs  []error
	ended bool // by FailNow
	over  bool
}

func (a *attempt) Expected()                {}
func (a *attempt) Outer() session.T         { return a.T }
func (a *attempt) Context() context.Context { return a.ctx }

// Errorf keeps what is said, with the errors among the arguments.
func (a *attempt) Errorf(format string, args ...any) {
	a.T.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over { // by a goroutine that the function left
		a.T.Errorf(format, args...)
		return
	}
	a.errs = append(a.errs, report.Failure(format, args))
}

func (a *attempt) FailNow() {
	a.mu.Lock()
	a.ended = true
	a.mu.Unlock()
	runtime.Goexit()
}

func (a *attempt) Failed() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ended || len(a.errs) > 0
}

func (a *attempt) skip(why string) {
	a.skips = why
	runtime.Goexit()
}

// end returns why the attempt failed, and whether FailNow ended it.
func (a *attempt) end() (err error, ended bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	if a.ended && len(a.errs) == 0 {
		return errors.New("it failed without a word"), true
	}
	if len(a.errs) == 1 {
		return a.errs[0], a.ended
	}
	return errors.Join(a.errs...), a.ended
}
