// SPDX-License-Identifier: Apache-2.0

package seatrial

import "context"

// T is what seatrial needs of a test: a name, a log, a way to fail, and an end.
// *testing.T, *testing.B and *testing.F satisfy it.
//
// Two more methods are used where a T has them: Deadline() (time.Time, bool),
// the time by which the test must be over, and Output() io.Writer.
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
