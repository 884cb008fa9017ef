// SPDX-License-Identifier: Apache-2.0

package converge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
)

// Two services, web and db, have a task each; each step is what is seen half a second after
// the one before.
func TestConvergence(t *testing.T) {
	service := func(name string) engine.Service {
		return engine.Service{Object: engine.Object{ID: name, Name: "shop_" + name}, Mode: engine.Replicated, Wanted: 1, Restart: "any"}
	}
	task := func(service, state string) engine.Task {
		k := engine.Task{ID: service + "-" + state, Service: service, Node: "m", Slot: 1, Desired: "running", State: state, Container: "c-" + service, Started: true}
		if state == "failed" {
			k.Desired = "shutdown"
		}
		return k
	}
	run := []engine.Task{task("web", "running"), task("db", "running")}
	starting := []engine.Task{task("web", "starting"), task("db", "running")}
	failed := []engine.Task{task("web", "failed"), task("db", "running")}
	unhealthy := map[string]engine.State{"c-web": {Status: "running", Health: "unhealthy", HealthOutput: "error: no answer"}}
	created := map[string]engine.State{"c-web": {Status: "created"}}
	twice := func(ends string) []engine.Task {
		one, two := task("web", "failed"), task("web", "failed")
		one.ID, two.ID = "one", "two"
		return slices.Concat([]engine.Task{one, two}, []engine.Task{task("db", ends)})
	}
	tests := []struct {
		about      string
		steps      [][]engine.Task
		containers map[string]engine.State
		starting   string // a container
		unpulled   string // a service
		stopped    string // a service
		before     string // a task that had ended
		want       string
	}{
		{about: "all run", steps: [][]engine.Task{run, run}, want: "done"},
		{about: "one starts", steps: [][]engine.Task{starting, starting}, want: "web: 0 of 1 tasks run, 1 starting"},
		{about: "its health check fails", steps: [][]engine.Task{starting}, containers: unhealthy, want: "fault of web: unhealthy: error: no answer"},
		{about: "it is not asked while its engine starts it", steps: [][]engine.Task{starting}, containers: unhealthy, starting: "c-web", want: "db: 1 of 1 tasks run; web: 0 of 1 tasks run, 1 starting"},
		{about: "its program cannot be started", steps: [][]engine.Task{failed}, containers: created, want: "fault of web: "},
		{about: "another one could not be, before", steps: [][]engine.Task{failed}, containers: created, before: "web-failed", want: "db: 1 of 1 tasks run; web: 0 of 1 tasks run"},
		{about: "its node does not get the image", steps: [][]engine.Task{starting}, unpulled: "web", want: "fault of web: no such image"},
		{about: "engines know of an end before the managers", steps: [][]engine.Task{run, run}, stopped: "db", want: "db: a task has just ended"},
		{about: "one ends, and nothing else is on its way", steps: [][]engine.Task{run, {task("db", "running")}, twice("running")}, want: "fault of web: exit 0, ended 2"},
		{about: "one ends, and another is on its way", steps: [][]engine.Task{run, {task("db", "starting")}, twice("starting")},
			want: "db: 0 of 1 tasks run, 1 starting; web: 0 of 1 tasks run"},
	}
	for _, test := range tests {
		c := Convergence{Role: func(full string) string { return strings.TrimPrefix(full, "shop_") }, Before: map[string]bool{test.before: true}}
		now, got := time.Unix(1e9, 0), ""
		for _, tasks := range test.steps {
			doing, bad, why := c.Look(Seen{
				At: now, Services: []engine.Service{service("web"), service("db")}, Tasks: tasks, Nodes: swarmNodes(),
				Container: func(id string) (engine.State, bool) { s, known := test.containers[id]; return s, known },
				Starting:  func(id string) bool { return id == test.starting },
				Unpulled: func(s engine.Service) *Fault {
					if s.ID == test.unpulled {
						return &Fault{Why: "no such image"}
					}
					return nil
				},
				StillRuns: func(s engine.Service) bool { return s.ID != test.stopped },
			})
			switch {
			case why != nil && why.Ended > 0:
				got = fmt.Sprintf("fault of %s: exit %d, ended %d", c.Role(bad.Name), why.Task.ExitCode, why.Ended)
			case why != nil:
				got = fmt.Sprintf("fault of %s: %s", c.Role(bad.Name), why.Why)
			case len(doing) == 0:
				got = "done"
			default:
				got = strings.Join(doing, "; ")
			}
			now = now.Add(time.Second / 2)
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.about, got, test.want)
		}
	}
}

// A job shows what ended first in each place, and what runs where nothing has; another
// service shows what is to run, and what has done its work if that is not started again.
func TestPresent(t *testing.T) {
	at := func(seconds int64, id, state string, slot int) engine.Task {
		k := engine.Task{ID: id, Service: "s", State: state, Slot: slot, Desired: "running", Started: true, Since: time.Unix(seconds, 0)}
		if state == "failed" || state == "complete" || state == "shutdown" {
			k.Desired = "shutdown"
		}
		return k
	}
	tasks := []engine.Task{at(3, "again", "failed", 0), at(1, "first", "failed", 0), at(2, "other", "running", 1), at(2, "old", "shutdown", 2), at(4, "retry", "running", 0), at(5, "done", "complete", 3)}
	for _, tt := range []struct{ mode, restart, want string }{
		{engine.ReplicatedJob, "any", "first old done other"}, {engine.Replicated, "any", "other retry"}, {engine.Replicated, "on-failure", "done other retry"},
	} {
		var ids []string
		for _, k := range Present(engine.Service{Object: engine.Object{ID: "s"}, Mode: tt.mode, Restart: tt.restart}, tasks) {
			ids = append(ids, k.ID)
		}
		if got := strings.Join(ids, " "); got != tt.want {
			t.Errorf("%s, restarted %s: %s, want %s", tt.mode, tt.restart, got, tt.want)
		}
	}
}
