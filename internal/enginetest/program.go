// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"os"
	"os/exec"
)

// Program returns where a program is that a test starts. Without it the test is skipped, or
// fails if SEATRIAL_REQUIRE=1, as with [Need].
func Program(t TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("SEATRIAL_REQUIRE") == "1" {
		t.Fatalf("the program %s is required: %v", name, err)
	}
	if err != nil {
		t.Skip("needs the program " + name)
	}
	return path
}
