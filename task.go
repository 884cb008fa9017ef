// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/swarm"
	"github.com/seatrial/seatrial/spec"
)

// A Task is one of the containers that a swarm runs for a service, as it was when
// the test asked for it. When its node goes down, or its service is updated, the
// task ends and another one takes its place: ask the service anew then.
type Task struct {
	// Name is the service and the slot, as in web.2, or, for a service with a task
	// on each node, the service and the node, as in web.worker1. Its artifacts have
	// that name, with .out and .err.
	Name string

	// ID is the task's id in the swarm, ContainerID that of its container on the
	// node, and NodeID that of the node. Each is empty as long as there is none.
	ID, ContainerID, NodeID string

	// Node is the node's host name.
	Node string

	// State is the task's state in Docker's words: running, complete, failed, …
	State string

	// ExitCode is the exit code of a task that has ended.
	ExitCode int

	task *swarm.Task
}

func taskOf(k *swarm.Task) *Task {
	return &Task{Name: k.Name, ID: k.ID, ContainerID: k.ContainerID, NodeID: k.NodeID, Node: k.Node, State: k.State, ExitCode: k.ExitCode, task: k}
}

// String returns the Name.
func (k *Task) String() string { return k.Name }

// Container returns the container of the task, on the engine of its node. The test
// fails if it is not known how to reach that engine: it is for the nodes of package
// swarmtest, and for the node that the test talks to.
func (k *Task) Container(t T) *Container {
	t.Helper()
	c, err := k.task.Container()
	if err != nil {
		fail(t, err)
	}
	return containerOf(c)
}

// Exec runs a command in the task's container, as [Container.Exec] does.
func (k *Task) Exec(t T, x spec.Exec) *Result {
	t.Helper()
	return k.Container(t).Exec(t, x)
}

// Logs returns what the task has printed so far. If its node's engine cannot be
// reached, the managers pass the log on.
func (k *Task) Logs(t T) string {
	t.Helper()
	return ask(t, k.task.Logs)
}

// Addr returns the host:port at which the test reaches a TCP port of the task. The port
// must be published in host mode; it is the number in the container, or the
// published one in the stack's file.
func (k *Task) Addr(t T, port int) string {
	t.Helper()
	return ask(t, func(ctx context.Context) (string, error) { return k.task.Addr(ctx, portnumber.TCP(port)) })
}

// AddrOf is Addr for a port with its protocol, as Docker writes it: "53/udp".
func (k *Task) AddrOf(t T, port string) string {
	t.Helper()
	return addrOf(t, port, k.task.Addr)
}

// URL returns "http://" and the Addr of a port.
func (k *Task) URL(t T, port int) string {
	t.Helper()
	return "http://" + k.Addr(t, port)
}
