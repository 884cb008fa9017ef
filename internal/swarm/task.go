// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/errorline"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
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

func (k *Task) container() (*container.Container, error) {
	if k.ContainerID == "" {
		return nil, fmt.Errorf("it has none: it is %s", k.State)
	}
	if c := k.group.container(k.ContainerID); c != nil {
		return c, nil
	}
	k.group.mu.Lock()
	n := k.group.nodes[k.NodeID]
	k.group.mu.Unlock()
	if n == nil {
		return nil, errors.New("its node is not in the swarm")
	}
	if err := n.away(); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("node %s does not have it", n.Hostname)
}

func (k *Task) addr(ctx context.Context, port int) (string, error) {
	if c, err := k.container(); err == nil { // managers hear of ports a moment later
		b, err := c.Binding(ctx, port)
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
	k.group.mu.Lock()
	n := k.group.nodes[k.NodeID]
	k.group.mu.Unlock()
	switch {
	case n == nil:
		return "", errors.New("its node is not in the swarm")
	case n.engine != nil:
		return n.engine.Reach(ctx, b)
	}
	return net.JoinHostPort(n.Address, strconv.Itoa(b.HostPort)), nil
}

// task makes a handle.
func (g *serviceGroup) task(s engine.Service, t engine.Task) *Task {
	g.mu.Lock()
	defer g.mu.Unlock()
	k := &Task{ID: t.ID, ContainerID: t.Container, NodeID: t.Node, State: t.State, ExitCode: t.ExitCode, group: g, task: t}
	if n := g.nodes[t.Node]; n != nil {
		k.Node = n.Hostname
	}
	place := k.Node
	if s.Mode != engine.Global && s.Mode != engine.GlobalJob {
		place = strconv.Itoa(t.Number(s.Mode))
	}
	k.Name = g.role(s.Name) + "." + place
	return k
}

// A TaskError is what seatrial.TaskError is made of.
type TaskError struct {
	Service, Task, Node, State, Update string
	Cause                              error
	Tail                               []string
	Lines                              int
	Hint                               string
}

func (e *TaskError) Unwrap() error { return e.Cause }

func (e *TaskError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "service %s: ", e.Service)
	if e.Update != "" {
		b.WriteString(e.Update + "; ")
	}
	if e.Task != "" {
		b.WriteString("task " + e.Task)
		if e.Node != "" {
			b.WriteString(" on " + e.Node)
		}
		b.WriteString(": ")
	}
	fmt.Fprint(&b, e.Cause)
	if len(e.Tail) > 0 {
		fmt.Fprintf(&b, "\n    last lines of %s (%d of %d):%s", e.Task, len(e.Tail), e.Lines, report.Quoted(e.Tail))
	}
	if e.Hint != "" {
		b.WriteString("\n    hint: " + e.Hint)
	}
	return b.String()
}

// fault makes an error of a fault, with the task's last words.
func (g *serviceGroup) fault(ctx context.Context, s engine.Service, bad *fault, unfound string) error {
	e := &TaskError{Service: g.role(s.Name), Update: bad.update, State: bad.task.State, Cause: errors.New(bad.why)}
	if bad.task.Started { // what ended may have looked for others
		e.Hint = unfound
	}
	if bad.task.ID == "" {
		return e
	}
	k := g.task(s, bad.task)
	e.Task, e.Node = k.Name, k.Node
	lines := g.lastWords(ctx, k)
	e.Tail, e.Lines = report.LastLines(lines), len(lines)
	if bad.why != "" {
		return e
	}
	exit := &wait.ExitError{State: wait.State{Status: "exited", ExitCode: bad.task.ExitCode}, Said: errorline.Of(lines, nil)}
	if c := g.container(k.ContainerID); c != nil {
		exit.Said = cmp.Or(c.ErrorLine(ctx, ""), exit.Said)
		if state, err := c.Follower.State(ctx); err == nil && state.Status == "exited" {
			exit.State = wait.State(state)
		}
	}
	e.Cause = exit
	if bad.ended > 1 {
		e.Cause = &again{exit, bad.ended}
	}
	return e
}

// An again error says that a task ends again and again.
type again struct {
	*wait.ExitError
	times int
}

func (e *again) Unwrap() error { return e.ExitError }
func (e *again) Error() string {
	return fmt.Sprintf("%v (it was started %d times)", e.ExitError, e.times)
}

// container.LastWords returns the lines of a task that has ended.
func (g *serviceGroup) lastWords(ctx context.Context, k *Task) []string {
	if k.ContainerID == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, container.LastWords)
	defer cancel()
	c, err := k.container()
	if err != nil {
		_, _, lines, _ := g.session.Engine.TaskLog(ctx, k.ID) // there may be none any more
		return lines
	}
	for k.task.Over() {
		changed := c.Follower.Changed()
		state, err := c.Follower.State(ctx)
		if err != nil || state.Status == "created" { // its program did not start
			break
		}
		if _, _, complete := c.Follower.Lines(state.StartID, 0); complete {
			break
		}
		select {
		case <-changed:
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	lines, _ := c.Follower.Tail(1 << 30)
	return slices.Clone(lines)
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
		return c.Logs(), nil
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

// Addr returns the host:port at which a TCP port of the task is reached.
func (k *Task) Addr(ctx context.Context, port int) (string, error) {
	addr, err := k.addr(ctx, port)
	if err != nil {
		return "", fmt.Errorf("looking up port %d of %s: %w", port, k.Name, err)
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
