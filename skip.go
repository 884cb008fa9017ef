// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"errors"
	"runtime"

	"github.com/seatrial/seatrial/internal/session"
)

// A skipper can be skipped, as *testing.T can.
type skipper interface {
	Skipf(format string, args ...any)
}

// skip skips the test, in the test's own goroutine, whichever goroutine the caller
// is in.
func skip(t T, why string) {
	t.Helper()
	switch t := t.(type) {
	case interface{ skip(why string) }: // one of ours
		t.skip(why)
	case skipper:
		t.Skipf("%s", why)
	}
}

// endWith ends the calling goroutine, which is the test's. It is for a function
// that ran in a goroutine of its own and did not return, but not because of its own
// T: it called FailNow or SkipNow of t, or of a T around t, and those end only the
// goroutine that they are called from.
func endWith(t T) {
	t.Helper()
	s, skips := session.TestOf(t).(interface{ Skipped() bool })
	switch {
	case t.Failed():
		t.FailNow()
	case skips && s.Skipped():
		runtime.Goexit()
	}
	fail(t, errors.New("a function ended its goroutine, and its test did not fail"))
}
