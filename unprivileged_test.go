// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"testing"
)

// TestUnprivileged repeats what a user who may use the engine's socket, and
// nothing more, must be able to do. make test runs it as such a user, and then
// lets that user remove all that is left.
func TestUnprivileged(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("is for users other than root; make test runs it as one")
	}
	t.Run("Run", TestRun)
	t.Run("Build", TestBuildArgsTargetAndDockerfileElsewhere)
	t.Run("Evidence", TestRunFailureLeavesEvidence)
	t.Run("Project", TestUpTwoCopies)
	t.Run("CutOff", TestUpCutOffLeavesNothing)
}
