// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"errors"
	"time"

	"github.com/seatrial/seatrial/internal/inner"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/shared"
)

// Share returns a function that returns the same value to all tests of this
// process. The first call makes it, by setUp; if no test calls the function,
// nothing is made.
//
//	var orders = seatrial.Share("orders", func(t seatrial.T) *seatrial.Project {
//		return seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
//	})
//
//	func TestCancel(t *testing.T) {
//		api := orders(t).Service(t, "api")
//		…
//	}
//
// Tests that call the function meanwhile wait. If setUp fails, all these tests fail
// with its reason, and so do later ones: it is not tried again. The errors that [Try]
// lists are among the causes. If setUp skips (see [Need]), the tests do, too. The
// name is for messages and artifacts.
//
// The artifacts of a test that fails include the logs of the shared containers
// since its first call, and what the engine knew of them at the test's end.
//
// What setUp made is removed when the process ends: by [Main], if the package uses
// it, else by the watchdog, a moment later. For a project that outlives the process
// see [Shared]. A setUp may use other shared values, by calling their functions
// with its own T.
func Share[X any](name string, setUp func(t T) X) func(t T) X {
	v := shared.New(name)
	var made X
	return func(t T) X {
		t.Helper()
		share(t, v, func(t T) { made = setUp(t) })
		return made
	}
}

// share makes what tests share, or waits for it, and fails or skips the test if setUp
// did.
func share(t T, v *shared.Value, setUp func(T)) {
	t.Helper()
	ctx, cancel := limit(t, 0, 24*time.Hour) // the test's deadline, if it has one
	defer cancel()
	said, err := v.Use(ctx, t, func(t session.T) { t.Helper(); setUp(t) })
	var skipped shared.ErrSkipped
	if errors.As(err, &skipped) {
		inner.Skip(t, skipped.Error())
	}
	if err != nil { // or it cannot skip
		fail(t, err)
	}
	if said != "" {
		t.Logf("%s", said)
	}
}
