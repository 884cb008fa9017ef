// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	before := network()
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if after := network(); after != before {
			fmt.Fprintf(os.Stderr, "the main thread was left in another network, %s instead of %s\n", after, before)
			code = 1
		}
		os.Exit(code)
	}))
}

// network names the main thread's; empty where there are none.
func network() string {
	name, _ := os.Readlink("/proc/self/ns/net")
	return name
}
