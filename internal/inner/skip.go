// SPDX-License-Identifier: Apache-2.0

package inner

import (
	"errors"
	"runtime"

	"github.com/seatrial/seatrial/internal/session"
)

// A skipper can be skipped, as *testing.T can.
type skipper interface {
	Skipf(format string, args ...any)
}

// CanSkip reports whether a test can be skipped.
func CanSkip(t session.T) bool {
	_, can := session.TestOf(t).(skipper)
	return can
}

// Skip skips the test: in its own goroutine, whichever the caller is in. It returns if the
// test cannot be skipped.
func Skip(t session.T, why string) {
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
// one that they are called from. It returns if nobody did.
func endWith(t session.T) error {
	s, skips := session.TestOf(t).(interface{ Skipped() bool })
	switch {
	case t.Failed():
		t.FailNow()
	case skips && s.Skipped():
		runtime.Goexit()
	}
	return errors.New("a function ended its goroutine, and its test did not fail")
}
