// SPDX-License-Identifier: Apache-2.0

package converge

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
)

func swarmNodes() map[string]engine.Node {
	ready := func(id, role string, labels map[string]string) engine.Node {
		return engine.Node{ID: id, Hostname: id, Role: role, Status: "ready", Availability: "active", Address: "10.0.0.1", OS: "linux", Arch: "x86_64",
			Labels: labels, MemoryBytes: 4 << 30, NanoCPUs: 2e9}
	}
	return map[string]engine.Node{"m": ready("m", "manager", nil), "w": ready("w", "worker", map[string]string{"disk": "hdd"})}
}

// Each step is what is seen half a second after the one before.
func TestTracker(t *testing.T) {
	task := func(slot int, state string, change ...func(*engine.Task)) engine.Task {
		k := engine.Task{ID: state + string(rune('0'+slot)), Service: "s", Node: "m", Slot: slot, Desired: "running", State: state, Started: true}
		if state == "failed" || state == "complete" {
			k.Desired = "shutdown"
		}
		for _, f := range change {
			f(&k)
		}
		return k
	}
	failed := func(id string, code int) engine.Task {
		return task(1, "failed", func(k *engine.Task) { k.ID, k.ExitCode = id, code })
	}
	rejected := func(id string) engine.Task {
		return task(1, "rejected", func(k *engine.Task) {
			k.ID, k.Desired, k.Started, k.Error = id, "shutdown", false, "invalid mount "+id
		})
	}
	pending := task(1, "pending", func(k *engine.Task) { k.Error = "no suitable node (x)" })
	another := task(2, "pending", func(k *engine.Task) { k.Error = "no suitable node (x)" })
	old := task(1, "running", func(k *engine.Task) { k.ID = "old" })
	going := task(1, "running", func(k *engine.Task) { k.ID, k.Desired = "going", "shutdown" })
	stranded := task(1, "running", func(k *engine.Task) { k.ID, k.Desired, k.Node = "stranded", "shutdown", "w" })
	placeless := task(1, "pending", func(k *engine.Task) { k.ID, k.Desired, k.Node = "placeless", "shutdown", "" })
	one := engine.Service{Object: engine.Object{ID: "s"}, Mode: engine.Replicated, Wanted: 1, Restart: "any"}
	with := func(f func(*engine.Service)) engine.Service { s := one; f(&s); return s }
	onSSD := func(s *engine.Service) {
		s.Mode, s.Constraints = engine.Global, []string{"node.labels.disk == ssd"}
	}
	job := with(func(s *engine.Service) { s.Mode, s.Restart, s.Wanted = engine.ReplicatedJob, "none", 2 })
	type steps [][]engine.Task
	tests := []struct {
		about   string
		service engine.Service
		steps   steps
		alone   bool // nothing else is on its way
		allowed []int
		want    string // done, why it failed, or what it does
	}{
		{"nothing yet", one, steps{{}, {}}, true, nil, "0 of 1 tasks run"},
		{"starts", one, steps{{task(1, "preparing")}}, true, nil, "0 of 1 tasks run, 1 preparing"},
		{"runs", one, steps{{task(1, "running")}, {task(1, "running")}}, true, nil, "done"},
		{"runs after a slow start", one, steps{{task(1, "starting")}, {task(1, "starting")}, {task(1, "starting")}, {task(1, "starting")}, {task(1, "starting")}, {task(1, "starting")},
			{task(1, "starting")}, {task(1, "starting")}, {task(1, "starting")}, {task(1, "starting")}, {task(1, "running")}, {task(1, "running")}}, true, nil, "1 of 1 tasks run"},
		{"has just begun to", one, steps{{task(1, "starting")}, {task(1, "running")}}, true, nil, "1 of 1 tasks run"},
		{"runs after it ended", one, steps{{failed("a", 1)}, {failed("a", 1), task(1, "running")}, {failed("a", 1), task(1, "running")}}, false, nil, "1 of 1 tasks run"},
		{"runs on", one, steps{{failed("a", 1), task(1, "running")}, {failed("a", 1), task(1, "running")}, {failed("a", 1), task(1, "running")},
			{failed("a", 1), task(1, "running")}, {failed("a", 1), task(1, "running")}}, false, nil, "done"},
		{"waits for others", one, steps{{failed("a", 1)}, {failed("a", 1), failed("b", 1)}}, false, nil, "0 of 1 tasks run"},
		{"waits for nobody", one, steps{{}, {failed("a", 1)}, {failed("a", 1), failed("b", 4)}}, true, nil, "exit 4, ended 2"},
		{"is not started again", with(func(s *engine.Service) { s.Restart = "none" }), steps{{failed("a", 3)}}, false, nil, "exit 3, ended 1"},
		{"is not started again often", with(func(s *engine.Service) { s.Attempts = 1 }), steps{{failed("a", 3), failed("b", 3)}}, false, nil, "exit 3, ended 2"},
		{"is started again as often as it may be", with(func(s *engine.Service) { s.Attempts = 2 }), steps{{failed("a", 3)}, {failed("a", 3), failed("b", 3)}}, false, nil, "0 of 1 tasks run"},
		{"did its work", with(func(s *engine.Service) { s.Restart = "on-failure" }), steps{{task(1, "complete")}, {task(1, "complete")}}, true, nil, "done"},
		{"cannot start", one, steps{{task(1, "failed", func(k *engine.Task) { k.Started, k.Error = false, "port is taken" })}}, false, nil, "port is taken"},
		{"rejected", one, steps{{rejected("a")}}, false, nil, "0 of 1 tasks run"},
		{"rejected again", one, steps{{rejected("a")}, {rejected("a"), rejected("b")}}, false, nil, "invalid mount b"},
		{"rejected for a moment", one, steps{{rejected("a"), task(1, "running")}, {rejected("a"), task(1, "running")}, {rejected("a"), task(1, "running")},
			{rejected("a"), task(1, "running")}, {rejected("a"), task(1, "running")}}, false, nil, "done"},
		{"rejected for good", with(func(s *engine.Service) { s.Restart = "none" }), steps{{rejected("a")}}, false, nil, "invalid mount a"},
		{"no node for a moment", one, steps{{pending}, {pending}}, true, nil, "0 of 1 tasks run, 1 pending"},
		{"no node", with(func(s *engine.Service) { s.MemoryBytes = 8 << 30 }), steps{{pending}, {pending}, {pending}}, true, nil,
			"no suitable node (x): it reserves 8.0 GiB of memory, and no node has more than 4.0 GiB"},
		{"no node while one is away", one, slices.Repeat(steps{{pending}}, 30), true, nil, "0 of 1 tasks run, 1 pending"},
		{"no node, one being away", one, slices.Repeat(steps{{pending}}, 31), true, nil, "no suitable node (x): node w is down"},
		{"no node but the one that is away, of whose task nothing is heard", one, slices.Repeat(steps{{stranded, pending}}, 31), true, nil, "no suitable node (x): node w is down"},
		{"on no node while one is away", with(onSSD), slices.Repeat(steps{{}}, 30), true, nil, "no node is there for its tasks"},
		{"on no node, one being away", with(onSSD), slices.Repeat(steps{{}}, 31), true, nil,
			`no suitable node: no node meets the constraint "node.labels.disk == ssd": no node has node.labels.disk; node w is down`},
		{"on each node", with(func(s *engine.Service) { s.Mode = engine.Global }), steps{
			{task(0, "running"), task(0, "running", func(k *engine.Task) { k.ID, k.Node = "b", "w" })}, {task(0, "running"), task(0, "running", func(k *engine.Task) { k.ID, k.Node = "b", "w" })}}, true, nil, "done"},
		{"on no node", with(onSSD), steps{{}}, true, nil,
			`no suitable node: no node meets the constraint "node.labels.disk == ssd": node.labels.disk is hdd`},
		{"a job", job, steps{{task(0, "complete"), task(1, "running")}}, true, nil, "1 of 2 tasks are done, 1 running"},
		{"a job, done", job, steps{{task(0, "complete"), task(1, "complete")}}, true, nil, "done"},
		{"a job, failed", job, steps{{task(0, "complete"), failed("a", 2)}}, true, nil, "exit 2, ended 1"},
		{"a job, as expected", job, steps{{task(0, "complete"), failed("a", 2)}}, true, []int{2}, "done"},
		{"updating, and no node takes the next task", with(func(s *engine.Service) { s.Update = "updating" }), steps{{old, pending}, {old, pending}, {old, pending}, {old, pending}}, true, nil, "no suitable node (x)"},
		{"rolling back, and no node takes the next task", with(func(s *engine.Service) { s.Update = "rollback_started" }), steps{{old, pending}, {old, pending}, {old, pending}, {old, pending}}, true, nil, "no suitable node (x)"},
		{"rolling back, and the task before has no node to leave", with(func(s *engine.Service) { s.Update = "rollback_started" }), slices.Repeat(steps{{old, placeless, pending}}, 4), true, nil, "no suitable node (x)"},
		{"scaled, and no node takes one more", with(func(s *engine.Service) { s.Wanted = 2 }), steps{{old, another}, {old, another}, {old, another}}, true, nil, "no suitable node (x)"},
		{"updating, and the task before goes", with(func(s *engine.Service) { s.Update = "updating" }), steps{{going, pending}, {going, pending}, {going, pending}, {going, pending}}, true, nil, "0 of 1 tasks run, 1 pending, its update goes on"},
		{"updating, and the task before has just gone", with(func(s *engine.Service) { s.Update = "updating" }), steps{{going, pending}, {going, pending}, {going, pending}, {going, pending}, {pending}}, true, nil, "0 of 1 tasks run, 1 pending, its update goes on"},
		{"updating", with(func(s *engine.Service) { s.Update = "updating" }), steps{{failed("a", 1), failed("b", 1)}, {failed("a", 1), failed("b", 1)}}, true, nil, ", its update goes on"},
		{"paused", with(func(s *engine.Service) { s.Update, s.UpdateMessage = "paused", "early failure" }), steps{{task(1, "running")}}, true, nil, "its update is paused: early failure"},
		{"paused, and why", with(func(s *engine.Service) { s.Update, s.UpdateMessage = "paused", "early failure" }), steps{{failed("a", 3), task(1, "running")}}, true, nil, "exit 3, ended 1"},
		{"rolled back", with(func(s *engine.Service) { s.Update = "rollback_completed" }), steps{{task(1, "running")}, {task(1, "running")}}, true, nil, "its update was rolled back: "},
	}
	for _, test := range tests {
		c, now, got := &tracker{allowed: test.allowed}, time.Unix(1e9, 0), ""
		nodes := swarmNodes()
		if strings.Contains(test.about, "away") {
			w := nodes["w"]
			w.Status = "down"
			nodes["w"] = w
		}
		for _, tasks := range test.steps {
			if test.alone && c.alone.IsZero() {
				c.alone = now
			}
			done, doing, f := c.look(test.service, tasks, nodes, now)
			switch {
			case done:
				got = "done"
			case f != nil && f.Why != "":
				got = f.Why
			case f != nil:
				got = "exit " + string(rune('0'+f.Task.ExitCode)) + ", ended " + string(rune('0'+f.Ended))
			default:
				got = doing
			}
			now = now.Add(time.Second / 2)
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.about, got, test.want)
		}
	}
}

func TestMeets(t *testing.T) {
	n := swarmNodes()["w"]
	for constraint, want := range map[string]bool{
		"node.role == worker": true, "node.role==manager": false, "node.role != manager": true, "node.hostname == W": true,
		"node.labels.disk == hdd": true, "node.labels.disk != hdd": false, "node.labels.none != x": true, "node.labels.none == x": false,
		"node.platform.arch == x86_64": true, "engine.labels.a == b": false, "node.ip == 10.0.0.0/8": true, "node.ip != 10.0.0.1": false,
		"node.unknown == x": false, "node.unknown != x": false,
	} {
		if got := meets(n, constraint); got != want {
			t.Errorf("meets(%q) = %v, want %v", constraint, got, want)
		}
	}
}

// What the swarm ends for reasons of its own is not to blame for it.
func TestIsShutDown(t *testing.T) {
	for _, test := range []struct {
		state, desired string
		want           bool
	}{
		{"running", "running", false}, {"starting", "running", false}, {"failed", "shutdown", false}, {"failed", "running", false},
		{"running", "shutdown", true}, {"starting", "remove", true}, {"shutdown", "shutdown", true},
	} {
		if got := isShutDown(engine.Task{State: test.state, Desired: test.desired}); got != test.want {
			t.Errorf("isShutDown(%s, to be %s) = %v, want %v", test.state, test.desired, got, test.want)
		}
	}
}

// What ended before an update or a wait began does not count against the service,
// not even with exit code 0, unless that is all that there will be of it.
func TestEndedBefore(t *testing.T) {
	for _, test := range []struct {
		mode, restart, state string
		want                 bool
	}{
		{engine.Replicated, "any", "complete", true},
		{engine.Replicated, "any", "failed", true},
		{engine.Replicated, "any", "running", false},
		{engine.Replicated, "on-failure", "complete", false},
		{engine.Replicated, "on-failure", "failed", true},
		{engine.Replicated, "none", "failed", false},
		{engine.ReplicatedJob, "any", "complete", false},
		{engine.GlobalJob, "on-failure", "failed", true},
	} {
		services := []engine.Service{{Object: engine.Object{ID: "s"}, Mode: test.mode, Restart: test.restart}}
		tasks := []engine.Task{{ID: "t", Service: "s", State: test.state, Started: true}}
		if got := EndedBefore(services, tasks)["t"]; got != test.want {
			t.Errorf("%s, restart %s, %s: %v, want %v", test.mode, test.restart, test.state, got, test.want)
		}
	}
}
