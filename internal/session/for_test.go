// SPDX-License-Identifier: Apache-2.0

package session

import (
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/said"
)

// What docker says of what tests share is told by the test that starts it.
func TestForTellsInTheTest(t *testing.T) {
	s := &Session{Said: &said.Log{}, Artifacts: &Artifacts{}}
	s.For("shop", owner.Tuple{}).NoteSaid("docker compose up", "Warning: no data kept\n")
	if got := s.Said.Take(); len(got) != 1 || got[0] != "docker compose up: no data kept" {
		t.Errorf("the test is told %q, want what was said for what it shares", got)
	}
}

// Secrets are hidden in warnings, too: docker quotes what it was given.
func TestWarningsHideSecrets(t *testing.T) {
	t.Parallel()
	s := &Session{Said: &said.Log{}, Artifacts: &Artifacts{Dir: artifact.Use(t.TempDir())}}
	s.Artifacts.Hide("hunter2-of-shop")
	s.Said.Add("docker compose up: the password hunter2-of-shop is a weak one")
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { s.TellSaid(r) })
	if got, want := r.Logs(), "warning: docker compose up: the password "+artifact.Hidden+" is a weak one"; got != want {
		t.Errorf("the test is told %q, want %q", got, want)
	}
}
