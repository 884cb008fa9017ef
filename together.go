// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"github.com/seatrial/seatrial/internal/inner"
	"github.com/seatrial/seatrial/internal/session"
)

// Together calls functions concurrently, to start several things from one test, and
// returns when all have returned. Each function gets a T of its own, and must use
// that one; what it makes belongs to the test.
//
//	var db, broker *seatrial.Container
//	seatrial.Together(t,
//		func(t seatrial.T) { db = seatrial.Run(t, postgres) },
//		func(t seatrial.T) { broker = seatrial.Run(t, rabbit) },
//	)
//
// The first function that cannot go on (FailNow) ends what the others do with their
// T: their contexts end, and with them every verb. Its error is the error of the
// test; errors of the others after that are logged, a line each. When all have
// returned, the test ends.
func Together(t T, do ...func(t T)) {
	t.Helper()
	functions := make([]func(session.T), len(do))
	for i, f := range do {
		functions[i] = func(t session.T) { f(t) }
	}
	if err := inner.Together(t, functions...); err != nil {
		fail(t, err)
	}
}
