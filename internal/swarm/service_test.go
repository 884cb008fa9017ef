// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

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

// Evidence has the tasks that failed first, the newest of them at the top, and counts the
// attempts of each place.
func TestAttempts(t *testing.T) {
	t.Parallel()
	g := newServiceGroup(nil, groupSpec{role: func(full string) string { return full }})
	at := func(second int) time.Time { return time.Unix(int64(second), 0) }
	task := func(slot, second int, state string) engine.Task {
		return engine.Task{Service: "id", Slot: slot, Created: at(second), State: state}
	}
	services := []engine.Service{{Object: engine.Object{ID: "id", Name: "web"}, Mode: engine.Replicated}}
	var got []string
	for _, a := range g.attempts(services, []engine.Task{
		task(2, 1, "running"), task(1, 9, "starting"), task(1, 5, "failed"), task(1, 1, "rejected"), task(3, 2, "shutdown"), task(3, 3, "failed"),
	}) {
		got = append(got, fmt.Sprintf("%s/%d %s", a.Name, a.Attempt, a.Task.State))
	}
	want := []string{"web.1/2 failed", "web.3/2 failed", "web.1/1 rejected", "web.2/1 running", "web.3/1 shutdown", "web.1/3 starting"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
