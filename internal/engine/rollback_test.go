// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strings"
	"testing"

	"github.com/moby/moby/api/types/swarm"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// Where there is nothing to go back to, the swarm speaks of a previous spec.
func TestRollbackOfNothing(t *testing.T) {
	socket := bare(t) + "/docker.sock"
	fake := enginetest.NewFake("docker", "1.48")
	fake.Answer("/services/new", swarm.Service{ID: "new"})
	fake.Answer("/services/back", swarm.Service{ID: "back", UpdateStatus: &swarm.UpdateStatus{State: swarm.UpdateStateRollbackCompleted, Message: "rollback completed"}})
	fake.ServeAt(t, socket)
	e, err := At(t.Context(), Named{Host: "unix://" + socket}, Caller{})
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]string{
		"new":  "it has not been updated yet",
		"back": "its last update has been rolled back already (rollback completed)",
	} {
		if err := e.Rollback(t.Context(), id); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", id, err, want)
		}
	}
}
