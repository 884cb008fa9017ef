// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"testing"

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
