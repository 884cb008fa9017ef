// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"os/exec"
	"testing"
	"time"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
)

var t *testing.T // in a test, its argument

// Check that a service goes on while one of three nodes loses power and comes back.
func ExampleStart() {
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 1, Workers: 2})
	manager, worker := s.Leader(t), s.Node(t, "worker2")

	image := s.Push(t, manager.Build(t, spec.Image{Context: "../orders"}))
	docker(t, manager.Host(), "service", "create", "--name", "orders", "--mode", "global",
		"--publish", "mode=host,target=8080,published=8080", image)
	get(t, "http://"+worker.Address()+":8080/health")

	worker.Kill(t)
	worker.Await(t, "down")
	get(t, "http://"+manager.Address()+":8080/health")
	worker.Restart(t)
	worker.Await(t, "ready")
}

// Run a container on a private engine with the classic image store.
func ExampleStartEngine() {
	e := swarmtest.StartEngine(t, swarmtest.EngineSpec{ClassicStore: true})
	img := e.Build(t, spec.Image{Context: "../orders"})
	api := e.Run(t, spec.Container{Image: img.Ref, Ports: []int{8080}})
	get(t, api.URL(t, 8080)+"/health")
}

// Move the tasks of a service away from a node, as for its maintenance.
func ExampleNode_Drain() {
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 1, Workers: 1})
	image := s.Push(t, s.Leader(t).Build(t, spec.Image{Context: "../orders"}))
	orders := s.Leader(t).Serve(t, spec.Service{Image: image, Name: "orders", Replicas: 2})
	s.Node(t, "worker1").Drain(t)
	orders.Wait(t)
}

// Cut a manager off from the others, so that they elect another leader.
func ExampleSwarm_Partition() {
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 3})
	first := s.Leader(t)
	s.Partition(t, first)
	second := s.Leader(t) // ten to twenty seconds later
	t.Logf("%s leads, and %s did", second, first)
	s.Heal(t)
}

// Take a node away without notice, and see the swarm start its tasks elsewhere.
func ExampleNode_Kill() {
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 1, Workers: 2})
	image := s.Push(t, s.Leader(t).Build(t, spec.Image{Context: "../orders"}))
	orders := s.Leader(t).Serve(t, spec.Service{Image: image, Name: "orders", Constraints: []string{"node.role == worker"}})
	lost := s.Node(t, orders.Task(t).NodeID)
	lost.Kill(t)
	lost.Await(t, "down") // after about six seconds
	orders.Wait(t)        // its task runs on the other worker
}

// Reboot a node, and check that it comes back with its data.
func ExampleNode_Restart() {
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 1, Workers: 1})
	worker := s.Node(t, "worker1")
	worker.Restart(t)
	worker.Await(t, "ready")
}

// Cut one node off from the swarm, while the test still reaches it.
func ExampleNode_Partition() {
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 1, Workers: 2})
	worker := s.Node(t, "worker1")
	worker.Partition(t, s.Leader(t)) // worker2 still reaches it
	worker.Await(t, "down")
	worker.Heal(t)
	worker.Await(t, "ready")
}

// Give a node a slow link that loses packets.
func ExampleNode_Disturb() {
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 1, Workers: 1})
	worker := s.Node(t, "worker1")
	worker.Disturb(t, swarmtest.Disturbance{Delay: 200 * time.Millisecond, Jitter: 50 * time.Millisecond, Loss: 0.02})
	get(t, "http://"+worker.Address()+":8080/health") // of what runs there
	worker.Heal(t)
}

// Let a node take tasks again after its maintenance.
func ExampleNode_Activate() {
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 1, Workers: 1})
	worker := s.Node(t, "worker1")
	worker.Drain(t)
	worker.Activate(t)
	s.Leader(t).Serve(t, spec.Service{Image: "example/orders:2", Constraints: []string{"node.hostname == worker1"}})
}

// Choose the node that runs a service by a label.
func ExampleNode_SetLabels() {
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 1, Workers: 2})
	s.Node(t, "worker2").SetLabels(t, map[string]string{"disk": "ssd"})
	db := s.Leader(t).Serve(t, spec.Service{Image: "example/db:1", Constraints: []string{"node.labels.disk == ssd"}})
	if node := db.Task(t).Node; node != "worker2" {
		t.Errorf("the database runs on %s", node)
	}
	s.Node(t, "worker2").RemoveLabels(t, "disk")
}

// Replace a manager: promote a worker first, so that a majority is there all the time.
func ExampleNode_Promote() {
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 3, Workers: 1})
	s.Node(t, "worker1").Promote(t)
	s.Node(t, "manager3").Demote(t)
	t.Log(s.Leader(t), "leads")
}

// See what the managers know about a node.
func ExampleNode_State() {
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 1, Workers: 1})
	worker := s.Node(t, "worker1")
	worker.Drain(t)
	if state := worker.State(t); state.Availability != "drain" || state.Status != "ready" {
		t.Errorf("worker1 is %s and %s: %s", state.Availability, state.Status, state.Message)
	}
}

// Push an image of the test to where all nodes pull from.
func ExampleSwarm_Push() {
	s := swarmtest.Start(t, swarmtest.Spec{Managers: 1, Workers: 2})
	image := s.Push(t, s.Leader(t).Build(t, spec.Image{Context: "../orders"}))
	s.Leader(t).Serve(t, spec.Service{Image: image, Mode: spec.Global}) // one task on each node
}

// Check that a program notices when its engine is gone.
func ExampleEngine_Stop() {
	e := swarmtest.StartEngine(t, swarmtest.EngineSpec{})
	e.Stop(t)
	if out, err := exec.Command("../agent", "--engine", e.Host()).CombinedOutput(); err == nil {
		t.Errorf("the agent says %q", out)
	}
}
