// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/wait"
)

// target shows a container to the conditions of package wait.
type target struct{ c *Container }

func (t target) Name() string { return t.c.Name }

func (t target) State(ctx context.Context) (wait.State, error) {
	s, err := t.c.follower.State(ctx)
	return wait.State(s), err
}

func (t target) Lines(life string, from int) ([]string, int, bool) {
	return t.c.follower.Lines(life, from)
}

func (t target) Tail(n int) ([]string, int) { return t.c.follower.Tail(n) }

func (t target) Changed() <-chan struct{} { return t.c.follower.Changed() }

func (t target) Addr(ctx context.Context, port int) (string, error) {
	b, err := t.c.binding(ctx, port)
	var not *notRunning
	switch {
	case err == nil:
		return t.c.engine.Reach(b), nil
	case !errors.As(err, &not):
		return "", err
	case not.State.Ended():
		return "", &wait.ExitError{State: not.State}
	}
	return "", nil // it may yet
}

// notRunning is why a container has no ports.
type notRunning struct{ wait.State }

func (e *notRunning) Error() string {
	switch {
	case e.Ended():
		return "it " + e.String()
	case e.Status == "running":
		return "the engine has not published them yet"
	}
	return "it is " + e.String()
}

// lookUp finds the host's port for a number: that under which the file
// publishes a port, or that of a port of the container. If it is both, they
// must be the same port.
func lookUp(number int, file []published, bindings []engine.Binding) (engine.Binding, error) {
	inside := number
	if i := slices.IndexFunc(file, func(p published) bool { return p.number == number && p.protocol == "tcp" }); i >= 0 {
		inside = file[i].target
		if _, both := bound(number, bindings); inside != number && both {
			return engine.Binding{}, fmt.Errorf("%d is ambiguous: the file publishes %d as %d, and the container's own %d is published too", number, inside, number, number)
		}
	}
	if found, ok := bound(inside, bindings); ok {
		return found, nil
	}
	return engine.Binding{}, fmt.Errorf("it is not published; published are %s", listPorts(file, bindings))
}

func bound(port int, bindings []engine.Binding) (engine.Binding, bool) {
	for _, b := range bindings {
		if b.Port == port && b.Protocol == "tcp" {
			return b, true
		}
	}
	return engine.Binding{}, false
}

func listPorts(file []published, bindings []engine.Binding) string {
	if len(bindings) == 0 {
		return "none"
	}
	var all []string
	for _, b := range bindings {
		text := fmt.Sprintf("%d/%s", b.Port, b.Protocol)
		for _, p := range file {
			if p.target == b.Port && p.protocol == b.Protocol && p.number != 0 && p.number != p.target {
				text += fmt.Sprintf(" (%d in the file)", p.number)
			}
		}
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}
