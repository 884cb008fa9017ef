// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"fmt"
	"os"
	"runtime"
)

// Variables that name the dockerd of private engines.
const (
	Dockerd    = "SEATRIAL_TEST_DOCKERD"     // the pinned one
	OldDockerd = "SEATRIAL_TEST_DOCKERD_OLD" // Debian's, 20.10
)

// NeedDockerd returns the program that this variable names. Like Need, it skips
// the test if private engines cannot be had, or fails it if SEATRIAL_REQUIRE=1.
// A variable that is "none" says that setup knows, and has said so: then it skips.
func NeedDockerd(t TB, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	var why string
	switch {
	case value == "none":
		t.Skip("private engines: this machine has no " + variable)
	case runtime.GOOS != "linux":
		why = "Linux, and this is " + runtime.GOOS
	case os.Geteuid() != 0:
		why = fmt.Sprintf("root, and this is uid %d", os.Geteuid())
	case value == "":
		why = variable + `, which eval "$(make -s engine-env)" sets`
	}
	if why == "" {
		return value
	}
	if os.Getenv("SEATRIAL_REQUIRE") == "1" {
		t.Fatal("a private engine is required, and needs", why)
	}
	t.Skip("a private engine needs", why)
	return ""
}
