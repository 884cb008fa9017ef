// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"github.com/seatrial/seatrial/internal/inner"
	"github.com/seatrial/seatrial/internal/session"
)

// Try calls a function and returns the reason for its failure, or nil. It is for a
// test that expects a failure, or that goes on after one. The function gets a T of
// its own, and must use that one.
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
// If a time limit or the test's deadline was reached, errors.Is(err,
// context.DeadlineExceeded) holds.
//
// What the function made before it failed belongs to the test: it can be looked at
// until the test ends, and is removed then. Functions that it gave to Cleanup are
// called at the end of the test, too. If the function skips (see [Need]), so does the
// test; if it panics, so does Try. After it has returned, its T can start nothing.
func Try(t T, f func(t T)) error {
	t.Helper()
	failure, err := inner.Try(t, func(t session.T) { f(t) })
	if err != nil {
		fail(t, err)
	}
	return failure
}
