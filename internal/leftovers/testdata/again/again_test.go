// SPDX-License-Identifier: Apache-2.0

// Package again executes another test binary, which SEATRIAL_TEST_PROGRAM names. So
// go test runs a binary that takes seconds to link, and itself links next to nothing.
package again

import (
	"os"
	"syscall"
	"testing"
)

func TestMain(*testing.M) {
	program := os.Getenv("SEATRIAL_TEST_PROGRAM")
	err := os.Chdir("../..") // the directory in which go test would have started it
	if err == nil {
		err = syscall.Exec(program, append([]string{program}, os.Args[1:]...), os.Environ())
	}
	panic(err)
}
