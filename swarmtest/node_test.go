// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"reflect"
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
)

// A manager that is back is ready before the others reach it.
func TestLacks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		now    engine.Node
		status string
		want   string
	}{
		{engine.Node{Status: "ready"}, "ready", ""},
		{engine.Node{Status: "down"}, "ready", "it is down"},
		{engine.Node{Status: "down", Manages: true}, "down", ""},
		{engine.Node{Status: "ready", Manages: true}, "ready", "it is ready, but as a manager it is not reached"},
		{engine.Node{Status: "ready", Manages: true, Reachable: true}, "ready", ""},
	} {
		got := ""
		if err := lacks(tt.now, tt.status); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%+v, awaited to be %s: %q, want %q", tt.now, tt.status, got, tt.want)
		}
	}
}

// A test may change a node of the user's swarm again and again: it becomes what it was at first.
func TestRemember(t *testing.T) {
	t.Parallel()
	n := &Node{}
	for _, step := range []struct {
		now    engine.Node
		change engine.NodeChange
	}{
		{engine.Node{Role: "worker", Availability: "active", Labels: map[string]string{"disk": "ssd"}}, engine.NodeChange{Availability: "drain", Labels: map[string]string{"disk": "hdd", "zone": "a"}}},
		{engine.Node{Role: "worker", Availability: "drain", Labels: map[string]string{"disk": "hdd", "zone": "a"}}, engine.NodeChange{Role: "manager", Availability: "pause", Unlabel: []string{"disk", "zone"}}},
		{engine.Node{Role: "manager", Availability: "pause"}, engine.NodeChange{Role: "worker", Labels: map[string]string{"disk": "tape"}}},
	} {
		n.remember(step.now, step.change)
	}
	want := engine.NodeChange{Role: "worker", Availability: "active", Labels: map[string]string{"disk": "ssd"}, Unlabel: []string{"zone"}}
	if !reflect.DeepEqual(n.before, want) {
		t.Errorf("before is %+v, want %+v", n.before, want)
	}
}
