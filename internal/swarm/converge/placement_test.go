// SPDX-License-Identifier: Apache-2.0

package converge

import (
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
)

// What keeps tasks from all nodes is told, and nothing else: what just fits keeps nobody.
func TestWhy(t *testing.T) {
	t.Parallel()
	changed := func(id string, change func(*engine.Node)) map[string]engine.Node {
		nodes := swarmNodes()
		n := nodes[id]
		change(&n)
		nodes[id] = n
		return nodes
	}
	drained := func(n *engine.Node) { n.Availability = "drain" }
	port := func(p engine.ServicePort) engine.Service {
		return engine.Service{Wanted: 3, Ports: []engine.ServicePort{p}}
	}
	for about, test := range map[string]struct {
		s     engine.Service
		nodes map[string]engine.Node
		want  string
	}{
		"nothing":                  {engine.Service{Wanted: 3}, swarmNodes(), ""},
		"all that a node has":      {engine.Service{MemoryBytes: 4 << 30, NanoCPUs: 2e9}, swarmNodes(), ""},
		"memory":                   {engine.Service{MemoryBytes: 4<<30 + 1<<29}, swarmNodes(), ": it reserves 4.5 GiB of memory, and no node has more than 4.0 GiB"},
		"the larger node is there": {engine.Service{MemoryBytes: 6 << 30, NanoCPUs: 4e9}, changed("w", func(n *engine.Node) { n.MemoryBytes, n.NanoCPUs = 8<<30, 4e9 }), ""},
		"the larger node is not":   {engine.Service{NanoCPUs: 3e9}, changed("w", func(n *engine.Node) { n.NanoCPUs = 4e9; drained(n) }), ": it reserves 3 CPUs, and no node has more than 2; node w is drained"},
		"as many as may be":        {engine.Service{Wanted: 4, PerNode: 2}, swarmNodes(), ""},
		"more than may be":         {engine.Service{Wanted: 5, PerNode: 2}, swarmNodes(), ": max_replicas_per_node is 2, which is too few for 5 tasks; nodes for them: 2"},
		"fewer nodes":              {engine.Service{Wanted: 3, PerNode: 2}, changed("m", drained), ": max_replicas_per_node is 2, which is too few for 3 tasks; nodes for them: 1; node m is drained"},
		"a paused node has none": {engine.Service{Wanted: 3, PerNode: 2}, changed("m", func(n *engine.Node) { n.Availability = "pause" }),
			": max_replicas_per_node is 2, which is too few for 3 tasks; nodes for them: 1; node m is paused"},
		"a port on each node":   {port(engine.ServicePort{Host: true, Published: 80}), swarmNodes(), ": 3 tasks publish port 80 in host mode, one on a node; nodes for them: 2"},
		"a port that is chosen": {port(engine.ServicePort{Host: true}), swarmNodes(), ""},
		"a port of the mesh":    {port(engine.ServicePort{Published: 80}), swarmNodes(), ""},
		"a constraint":          {engine.Service{Constraints: []string{"node.labels.disk == ssd"}}, swarmNodes(), `: no node meets the constraint "node.labels.disk == ssd": node.labels.disk is hdd`},
		"two that exclude each other": {engine.Service{Constraints: []string{"node.role == manager", "node.labels.disk == hdd"}}, swarmNodes(),
			`: no node meets all of the constraints ["node.role == manager" "node.labels.disk == hdd"]`},
		"two that one node meets": {engine.Service{Constraints: []string{"node.role == worker", "node.labels.disk == hdd"}}, swarmNodes(), ""},
		"the second of two":       {engine.Service{Constraints: []string{"node.role == worker", "node.labels.disk == ssd"}}, swarmNodes(), `: no node meets the constraint "node.labels.disk == ssd": node.labels.disk is hdd`},
		"a node that is away": {engine.Service{Constraints: []string{"node.role == worker"}}, changed("w", func(n *engine.Node) { n.Status = "down" }),
			`: no node meets the constraint "node.role == worker": node.role is manager; node w is down`},
		"a node that is paused": {engine.Service{}, changed("w", func(n *engine.Node) { n.Availability = "pause" }), ": node w is paused"},
		"no node": {engine.Service{}, map[string]engine.Node{"b": {Hostname: "b", Status: "ready", Availability: "drain"}, "a": {Hostname: "a", Status: "down", Availability: "active"}},
			": no node is ready and active: node a is down, node b is drained"},
	} {
		if got := why(test.s, test.nodes); got != test.want {
			t.Errorf("%s: %q, want %q", about, got, test.want)
		}
	}
}
