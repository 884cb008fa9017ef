// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"errors"
	"time"

	"github.com/seatrial/seatrial/internal/inner"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/shared"
)

// Share returns a function that gives all tests of this process the same: what
// setUp makes, at the first call. Nothing is made that no test asks for.
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
// Tests that ask while it is made wait for it. If it fails, each of them is told
// why, as is every later one: it is not tried again. The errors that [Try] finds
// are among the causes. If setUp skips (see [Need]), so do they. The name is for
// messages and artifacts.
//
// A test that fails has what the shared containers logged since it first asked,
// and what the engine knew of them at its end, among its artifacts.
//
// What setUp made goes when the process ends: by [Main], if the package uses it,
// else by the watchdog, a moment later. It cannot outlive the process: see
// [Shared]. One shared thing may be made of others, by calling their functions
// with the T of setUp.
func Share[X any](name string, setUp func(t T) X) func(t T) X {
	v := shared.New(name)
	var made X
	return func(t T) X {
		t.Helper()
		share(t, v, func(t T) { made = setUp(t) })
		return made
	}
}

// share makes what tests share, or waits for it, and fails or skips the test if there is
// nothing.
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
