// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/moby/moby/api/types/swarm"

	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/swarmtest"
)

// However often a test changes a node of the user's own swarm, it is afterwards what it was at
// first. (As it changes the environment, the test does not run in parallel.)
func TestUsersOwnIsGivenBack(t *testing.T) {
	first := swarm.NodeSpec{Annotations: swarm.Annotations{Labels: map[string]string{"disk": "ssd", "zone": "a"}}, Role: "manager", Availability: "pause"}
	node := swarm.Node{ID: "one", Spec: first, Status: swarm.NodeStatus{State: "ready"}, ManagerStatus: &swarm.ManagerStatus{Leader: true, Reachability: "reachable"}}
	fake := enginetest.NewFake("users", "1.47")
	answer := func(path string, value func() any) {
		fake.Handle(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(value())
		})
	}
	fake.Answer("/info", map[string]any{"Swarm": swarm.Info{NodeID: "one", LocalNodeState: "active", ControlAvailable: true}})
	answer("/nodes", func() any { return []swarm.Node{node} })
	answer("/nodes/one", func() any { return node })
	fake.Handle("/nodes/one/update", func(_ http.ResponseWriter, r *http.Request) {
		var asked swarm.NodeSpec
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			t.Error(err)
		}
		node.Spec = asked
	})
	t.Setenv("SEATRIAL_SWARM", fake.ServeUnix(t))

	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		own := swarmtest.Start(r, swarmtest.Spec{}).Nodes()[0]
		for range 2 {
			own.Drain(r)
			own.SetLabels(r, map[string]string{"disk": "none", "new": "1"})
			own.Activate(r)
			own.RemoveLabels(r, "zone", "new")
		}
		if diff := cmp.Diff(map[string]string{"disk": "none"}, node.Spec.Labels); diff != "" || node.Spec.Availability != "active" {
			t.Errorf("during the test it is %s, and its labels are other (-want +got):\n%s", node.Spec.Availability, diff)
		}
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
	if diff := cmp.Diff(first, node.Spec); diff != "" {
		t.Errorf("after the test the node is not what it was (-want +got):\n%s", diff)
	}
}

// A test that wants more than the user's own swarm has is skipped, and says what there is. Nodes that
// manage count as workers, too, but not the other way round. (As it changes the environment, the test
// does not run in parallel.)
func TestUsersOwnIsTooSmall(t *testing.T) {
	node := func(id, role string) swarm.Node {
		return swarm.Node{ID: id, Spec: swarm.NodeSpec{Role: swarm.NodeRole(role), Availability: "active"}, Status: swarm.NodeStatus{State: "ready"}}
	}
	leader := node("one", "manager")
	leader.ManagerStatus = &swarm.ManagerStatus{Leader: true, Reachability: "reachable"}
	fake := enginetest.NewFake("users", "1.47")
	fake.Answer("/info", map[string]any{"Swarm": swarm.Info{NodeID: "one", LocalNodeState: "active", ControlAvailable: true}})
	fake.Answer("/nodes", []swarm.Node{leader, node("two", "worker"), node("three", "worker")})
	t.Setenv("SEATRIAL_SWARM", fake.ServeUnix(t))
	t.Setenv("SEATRIAL_REQUIRE", "1") // without which the test would be skipped
	for _, test := range []struct {
		s    swarmtest.Spec
		want string // of what it wants more than there is; empty is nothing
	}{
		{swarmtest.Spec{}, ""},
		{swarmtest.Spec{Workers: 2}, ""},
		{swarmtest.Spec{Workers: 3}, "a swarm of 4 nodes, 1 of them managers"},
		{swarmtest.Spec{Managers: 2}, "a swarm of 2 nodes, 2 of them managers"},
		{swarmtest.Spec{Managers: 2, Workers: 1}, "a swarm of 3 nodes, 2 of them managers"},
	} {
		began := false
		r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
			began = len(swarmtest.Start(r, test.s).Nodes()) == 3
		})
		if test.want != "" {
			test.want = "this test needs more than there is: " + test.want + "; the one that SEATRIAL_SWARM names has 3, 1 of them managers"
		}
		if r.Errors() != test.want || began != (test.want == "") {
			t.Errorf("%+v: it begins: %v, and says %q, want %q", test.s, began, r.Errors(), test.want)
		}
	}
}
