// SPDX-License-Identifier: Apache-2.0

package inner

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/seatrial/seatrial/internal/isolate"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
)

// Try calls a function with a T that keeps its failure, and returns that. The error is for a
// test that has to fail.
func Try(t session.T, f func(session.T)) (failure, err error) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	a := &attempt{T: t, ctx: ctx}
	e := isolate.Call("a function given to Try", func() { f(a) })
	cancel(errTried)
	if e.Panicked != "" {
		panic(e.Panicked)
	}
	failure, ended := a.end()
	switch {
	case e.Returned || ended:
	case a.skips != "":
		Skip(t, a.skips)
	default:
		return nil, endWith(t)
	}
	return failure, nil
}

var errTried = errors.New("the function given to Try has returned")

// An attempt is the T of a function that may fail.
type attempt struct {
	session.T
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
