// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"os"

	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/shared"
)

// Main is for the TestMain of a package whose tests share something. It calls setUp,
// which makes what they share, runs the tests, removes what was made, and exits.
//
//	var db *seatrial.Container
//
//	func TestMain(m *testing.M) {
//		seatrial.Main(m, func(t seatrial.T) {
//			db = seatrial.Run(t, spec.Container{Image: "postgres:17", Ports: []int{5432}})
//		})
//	}
//
// Each test uses the handles with its own T: db.Addr(t, 5432). So does a benchmark
// or a fuzz target: *testing.B and *testing.F are a T for every verb.
//
// If setUp fails, no test is run, and the exit code is 1. If it skips (see [Need]),
// no test is run either, and the exit code is 0. The T of setUp ends after the last
// test. It counts as failed if a test failed: then its artifacts are kept, and
// SEATRIAL_KEEP=failed keeps what was made. Its deadline is that of go test
// -timeout, counted from the start of the program. What was made is also removed if
// a test panics, calls os.Exit or runs out of time: see "The end of a test" above.
//
// With go test -list nothing is made. With go test -fuzz each worker is a process
// that makes its own; -parallel says how many there are.
func Main(m interface{ Run() int }, setUp func(t T)) {
	os.Exit(shared.Main(m, func(t session.T) { setUp(t) }, os.Stdout))
}
