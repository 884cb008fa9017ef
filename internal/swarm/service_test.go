// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/swarm"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
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

// A warning that one node does not take so many tasks comes only when it does not.
func TestBeyond(t *testing.T) {
	t.Parallel()
	g := newServiceGroup(nil, groupSpec{room: func(role string) int { return map[string]int{"web": 2}[role] }})
	for _, test := range []struct {
		service  string
		replicas int
		warns    bool
	}{
		{"web", 1, false}, {"web", 2, false}, {"web", 3, true}, {"any number", 9, false},
	} {
		s := &Service{Name: test.service, group: g}
		got := s.Beyond(test.replicas)
		if want := fmt.Sprintf("it takes %d nodes", test.replicas); strings.Contains(got, want) != test.warns || !test.warns && got != "" {
			t.Errorf("%d of %s: %q, want a warning: %v", test.replicas, test.service, got, test.warns)
		}
	}
}

// What a spec asks for is what the swarm is asked for.
func TestServiceSpec(t *testing.T) {
	t.Parallel()
	fake := enginetest.NewFake("swarm", "1.47")
	fake.Answer("/info", map[string]any{"Swarm": swarm.Info{NodeID: "one", LocalNodeState: "active", ControlAvailable: true}})
	fake.Answer("/nodes", []swarm.Node{{ID: "one"}})
	var asked swarm.ServiceSpec
	fake.Handle("/services/create", func(w http.ResponseWriter, r *http.Request) {
		asked = swarm.ServiceSpec{}
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"ID": "service"}`)
	})
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t)}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	sess := &session.Session{Test: t.Name(), Engine: e, Artifacts: &session.Artifacts{Dir: artifact.Use(t.TempDir())}}
	two := uint64(2)
	for about, test := range map[string]struct {
		s       spec.Service
		mode    swarm.ServiceMode
		restart swarm.RestartPolicyCondition
		limits  swarm.Limit
		reserve swarm.Resources
	}{
		"what a task may use, and what must be free for it": {
			s:    spec.Service{Mode: spec.Global, Limits: spec.Limits{CPUs: 1.5, Memory: 2 << 20, PIDs: 3}, Reserve: spec.Limits{CPUs: 0.25, Memory: 1 << 20, PIDs: 4}},
			mode: swarm.ServiceMode{Global: &swarm.GlobalService{}}, limits: swarm.Limit{NanoCPUs: 1.5e9, MemoryBytes: 2 << 20, Pids: 3}, reserve: swarm.Resources{NanoCPUs: 0.25e9, MemoryBytes: 1 << 20},
		},
		"replicas": {s: spec.Service{Replicas: 2, Restart: "any"}, mode: swarm.ServiceMode{Replicated: &swarm.ReplicatedService{Replicas: &two}}, restart: "any"},
		"a job, which is not started again": {
			s: spec.Service{Mode: spec.ReplicatedJob, Replicas: 2}, mode: swarm.ServiceMode{ReplicatedJob: &swarm.ReplicatedJob{MaxConcurrent: &two, TotalCompletions: &two}}, restart: "none",
		},
	} {
		test.s.Image, test.s.Name = "shop:1", "shop"
		n, err := newServiceSpec(t.Context(), sess, test.s)
		if err == nil {
			_, err = e.CreateService(t.Context(), n)
		}
		if err != nil {
			t.Errorf("%s: %v", about, err)
			continue
		}
		task := asked.TaskTemplate
		got := []any{asked.Mode, task.RestartPolicy.Condition, *task.Resources.Limits, *task.Resources.Reservations}
		if diff := cmp.Diff([]any{test.mode, test.restart, test.limits, test.reserve}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", about, diff)
		}
	}
}
