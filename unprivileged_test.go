// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// TestUnprivileged does what a user must be able to do whose only privilege is the
// engine's socket. make test runs it as such a user, and then lets that user remove
// everything that is left.
func TestUnprivileged(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("is for users other than root; make test runs it as one")
	}
	t.Run("Run", TestRun)
	t.Run("Build", TestBuildArgsTargetAndDockerfileElsewhere)
	t.Run("Evidence", func(t *testing.T) {
		img := probe(t)
		dir := enginetest.ArtifactsOf(t, enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { failToRun(t, r, img) }))
		for _, name := range []string{"report.html", "failure.txt", "srv.inspect.json", "merged.log"} {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("Project", TestUpTwoCopies)
	t.Run("CutOff", TestUpCutOffLeavesNothing)
}
