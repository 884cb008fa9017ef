// SPDX-License-Identifier: Apache-2.0

// Package again becomes another test binary, which SEATRIAL_TEST_PROGRAM names: so
// go test has one for its child that took seconds to link, and links next to nothing.
package again

import (
	"os"
	"syscall"
	"testing"
)

func TestMain(*testing.M) {
	program := os.Getenv("SEATRIAL_TEST_PROGRAM")
	err := os.Chdir("../..") // where go test would have started it
	if err == nil {
		err = syscall.Exec(program, append([]string{program}, os.Args[1:]...), os.Environ())
	}
	panic(err)
}
