// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"fmt"
	"os"
	"runtime"
	"testing"

	"go.uber.org/goleak"

	"github.com/seatrial/seatrial/internal/enginetest"
)

func TestMain(m *testing.M) {
	enginetest.RunAtOnce(2 * runtime.NumCPU()) // swarms wait for each other's votes and heartbeats
	before := network()
	// Tests that fail on purpose leave their artifacts here, and not in the way.
	artifacts, err := os.MkdirTemp("", "seatrial-test-")
	if err == nil && os.Getenv("SEATRIAL_ARTIFACTS") == "" {
		err = os.Setenv("SEATRIAL_ARTIFACTS", artifacts)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if after := network(); after != before {
			fmt.Fprintf(os.Stderr, "the main thread was left in another network, %s instead of %s\n", after, before)
			code = 1
		}
		if code == 0 {
			_ = os.RemoveAll(artifacts)
		}
		os.Exit(code)
	}))
}

// network names the main thread's; empty where there are none.
func network() string {
	name, _ := os.Readlink("/proc/self/ns/net")
	return name
}
