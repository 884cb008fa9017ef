// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/session"
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
// stays. A relative one is relative to the directory of each package. With go test
// -artifacts it is where that puts it, and stays, too. Otherwise it is a temporary
// directory that is kept if the test fails, and removed if it passes.
func Artifacts(t T) string {
	t.Helper()
	f, err := session.ArtifactsOf(t)
	if err != nil {
		fail(t, err)
	}
	return f.Path()
}
