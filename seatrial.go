// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/session"
)

// T is what seatrial needs of a test: a name, a log, a way to fail, and an end.
// *testing.T, *testing.B and *testing.F satisfy it.
//
// A T may also have the method Deadline() (time.Time, bool), as *testing.T does.
// Then everything that seatrial does for it ends soon enough before the deadline to
// save the artifacts and to clean up.
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
// SEATRIAL_ARTIFACTS names a directory, which may be relative to the package's
// directory: each test then has a directory of its own below it, which stays. With
// go test -artifacts it is the directory that go test chooses, which stays, too.
// Otherwise it is a temporary directory that is removed if the test passes, or if its
// process is killed or runs out of time.
func Artifacts(t T) string {
	t.Helper()
	f, err := session.ArtifactsOf(t)
	if err != nil {
		fail(t, err)
	}
	return f.Path()
}
