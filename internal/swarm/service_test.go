// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"errors"
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
)

// A service that is to have tasks has the next one soon: only one that is to have none fails
// a wait at once.
func TestNoTask(t *testing.T) {
	t.Parallel()
	for about, test := range map[string]struct {
		is   engine.Service
		soon bool
	}{
		"replicas":           {engine.Service{Mode: engine.Replicated, Wanted: 2}, true},
		"none wanted":        {engine.Service{Mode: engine.Replicated}, false},
		"one on each node":   {engine.Service{Mode: engine.Global}, true},
		"a job on each node": {engine.Service{Mode: engine.GlobalJob}, true},
	} {
		var early *notYet
		if err := noTask(test.is); errors.As(err, &early) != test.soon {
			t.Errorf("%s: %v; want the next task waited for: %v", about, err, test.soon)
		}
	}
}
