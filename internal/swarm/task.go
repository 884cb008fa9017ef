// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/portnumber"
)

// A Task is a task of a service, as it was when it was asked for.
type Task struct {
	Name                    string // the service and the slot, or the node
	ID, ContainerID, NodeID string
	Node                    string // the node's host name
	State                   string // Docker's word
	ExitCode                int    // of one that has ended

	group *serviceGroup
	task  engine.Task
}

// notYet says that nothing is there that could fulfil a condition: a task has just taken
// the place of another and has no container, or is about to.
type notYet struct{ why string }

func (e *notYet) Error() string { return e.why }

func (k *Task) container() (*container.Container, error) {
	if k.ContainerID == "" {
		return nil, &notYet{"it has none: it is " + k.State}
	}
	return k.group.follower.container(k.task)
}

func (k *Task) addr(ctx context.Context, port portnumber.Port) (string, error) {
	if c, err := k.container(); err == nil { // managers hear of ports a moment later
		b, err := c.Ports().Binding(ctx, port)
		var not *container.NotRunning
		if err == nil {
			return c.Engine.Reach(ctx, b)
		} else if errors.As(err, &not) {
			return "", fmt.Errorf("it has no ports: %w", not)
		}
	}
	var bindings []engine.Binding
	for _, p := range k.task.Ports {
		if p.Host {
			bindings = append(bindings, engine.Binding{Port: p.Target, Protocol: p.Protocol, HostPort: p.Published})
		}
	}
	role, _, _ := strings.Cut(k.Name, ".")
	b, err := container.LookUp(port, k.group.file(role), bindings)
	if err != nil {
		return "", err
	}
	n := k.group.follower.known()[k.NodeID]
	switch {
	case n == nil:
		return "", errors.New("its node is not in the swarm")
	case n.engine != nil:
		return n.engine.Reach(ctx, b)
	}
	return net.JoinHostPort(n.Address, strconv.Itoa(b.HostPort)), nil
}

// newTask makes a handle.
func newTask(g *serviceGroup, s engine.Service, t engine.Task) *Task {
	return &Task{
		Name: g.taskName(s, t), ID: t.ID, ContainerID: t.Container, NodeID: t.Node, Node: g.follower.hostname(t.Node),
		State: t.State, ExitCode: t.ExitCode, group: g, task: t,
	}
}

// Container returns the container of the task, on the engine of its node.
func (k *Task) Container() (*container.Container, error) {
	c, err := k.container()
	if err != nil {
		return nil, fmt.Errorf("looking for the container of %s: %w", k.Name, err)
	}
	return c, nil
}

// Logs returns what the task has printed so far.
func (k *Task) Logs(ctx context.Context) (string, error) {
	if c, err := k.container(); err == nil {
		return c.Log().Text(), nil
	}
	_, _, lines, err := k.group.session.Engine.TaskLog(ctx, k.ID)
	if err != nil {
		return "", fmt.Errorf("reading the log of %s: %w", k.Name, err)
	}
	if len(lines) == 0 {
		return "", nil
	}
	return strings.Join(lines, "\n") + "\n", nil
}

// Addr returns the host:port at which a port of the task is reached.
func (k *Task) Addr(ctx context.Context, port portnumber.Port) (string, error) {
	addr, err := k.addr(ctx, port)
	if err != nil {
		return "", fmt.Errorf("looking up port %v of %s: %w", port, k.Name, err)
	}
	return addr, nil
}

// Exit returns the exit code of a task that has ended.
func (k *Task) Exit() (int, error) {
	if !k.task.Over() {
		return 0, fmt.Errorf("looking up the exit code of %s: it has none, it is %s", k.Name, k.State)
	}
	return k.ExitCode, nil
}
