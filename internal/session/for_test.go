// SPDX-License-Identifier: Apache-2.0

package session

import (
	"testing"

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
