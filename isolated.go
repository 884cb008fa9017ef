// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
)

// An isolatedExit says how a function ended that was called apart.
type isolatedExit struct {
	returned bool
	panicked string // what it panicked with, and where; empty if it did not
}

// isolated calls a function in a goroutine of its own, which FailNow may end, and
// waits for that.
func isolated(what string, f func()) isolatedExit {
	var e isolatedExit
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if e.returned {
				return
			}
			if r := recover(); r != nil {
				e.panicked = fmt.Sprintf("%v\n\nin %s:\n%s", r, what, debug.Stack())
			}
		}()
		f()
		e.returned = true
	}()
	<-done
	return e
}

// An inner T is one of ours, around the T of a test or around another one.
type inner interface {
	T
	outer() T
}

// testOf returns the test itself, to which all belongs that is made.
func testOf(t T) T {
	for {
		i, ok := t.(inner)
		if !ok {
			return t
		}
		t = i.outer()
	}
}

// A skipper can be skipped, as *testing.T can.
type skipper interface {
	Skipf(format string, args ...any)
}

// skip skips the test: in its own goroutine, whichever the caller is in.
func skip(t T, why string) {
	t.Helper()
	switch t := t.(type) {
	case interface{ skip(why string) }: // one of ours
		t.skip(why)
	case skipper:
		t.Skipf("%s", why)
	}
}

// endWith ends the calling goroutine, which is that of t, because a function that
// was called apart did not return, and not because of its own T: somebody called
// FailNow or SkipNow of t, or of one around that, which end no goroutine but the
// one that they are called from.
func endWith(t T) {
	t.Helper()
	s, skips := testOf(t).(interface{ Skipped() bool })
	switch {
	case t.Failed():
		t.FailNow()
	case skips && s.Skipped():
		runtime.Goexit()
	}
	fail(t, errors.New("a function ended its goroutine, and its test did not fail"))
}
