// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"

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
		return t.c.engine.Reach(ctx, b)
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
