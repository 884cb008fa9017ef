// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"testing"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/swarmtest"
)

// The engine of one node loses power, and comes back. Put the function into a
// _test.go file.
func ExampleStart() {
	test := func(t *testing.T) {
		s := swarmtest.Start(t, swarmtest.Spec{Managers: 1, Workers: 2})
		manager, worker := s.Leader(t), s.Node(t, "worker2")

		image := s.Push(t, manager.Build(t, spec.Image{Context: "../orders"}))
		docker(t, manager.Host(), "service", "create", "--name", "orders",
			"--publish", "mode=host,target=8080,published=8080", image)

		worker.Kill(t)
		worker.Await(t, "down") // its tasks start elsewhere now
		worker.Restart(t)
		worker.Await(t, "ready")

		get(t, "http://"+worker.Address()+":8080/health")
	}
	_ = test
}

// A manager is cut off from the others, which elect another leader.
func ExampleSwarm_Partition() {
	test := func(t *testing.T) {
		s := swarmtest.Start(t, swarmtest.Spec{Managers: 3})
		first := s.Leader(t)
		s.Partition(t, first)
		second := s.Leader(t) // ten to twenty seconds later
		t.Logf("%s leads, and %s did", second, first)
		s.Heal(t)
		first.Await(t, "ready")
	}
	_ = test
}
