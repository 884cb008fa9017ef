// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/errorline"
	"github.com/seatrial/seatrial/internal/program"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
)

// Target shows the container to the conditions of package wait.
func (c *Container) Target() wait.Target { return target{c} }

// ErrorLine returns the line of a life's log that most likely says why it failed, or of
// all its lives if none is named. Where the program could not even be run, it says why.
func (c *Container) ErrorLine(ctx context.Context, life string) string {
	stdout, stderr := c.Follower.Streams(life)
	line := errorline.Of(stderr, stdout)
	if line == "" { // it may not have come so far as to log
		if state, err := c.Follower.State(ctx); err == nil {
			return c.unrunnable(ctx, state.Error)
		}
	}
	return report.Sentence(line, c.unrunnable(ctx, line))
}

// unrunnable says why the program could not be run that a line tells of, or nothing if it
// tells of none.
func (c *Container) unrunnable(ctx context.Context, line string) string {
	path, ok := program.Refused(line)
	if !ok {
		return ""
	}
	architecture := ""
	if facts, err := c.Engine.Facts(ctx); err == nil {
		_, architecture, _ = strings.Cut(facts.Platform, "/")
	}
	return program.Why(path, architecture, inside{ctx, c})
}

// inside are the files of a container, as package program reads them.
type inside struct {
	ctx context.Context
	c   *Container
}

func (i inside) Read(path string, most int) ([]byte, error) {
	return target{i.c}.Read(i.ctx, path, most)
}

func (i inside) Mode(path string) (fs.FileMode, error) {
	found, err := i.c.Engine.Stat(i.ctx, i.c.ID, path)
	return found.Mode, err
}

// target shows a container to the conditions of package wait.
type target struct{ c *Container }

func (t target) Name() string { return t.c.Name }

func (t target) State(ctx context.Context) (wait.State, error) {
	s, err := t.c.Follower.State(ctx)
	return wait.State(s), err
}

func (t target) Fresh(ctx context.Context) (wait.State, error) {
	s, err := t.c.Follower.Fresh(ctx)
	return wait.State(s), err
}

func (t target) Stalled(ctx context.Context) wait.Stall { return wait.Stall(t.c.Follower.Stalled(ctx)) }

func (t target) Alone(ctx context.Context) (alone, known bool) {
	if t.c.others == nil {
		return false, false
	}
	return t.c.others(ctx), true
}

func (t target) Begun() []string { return t.c.Follower.Begun() }

func (t target) Unread() string { return t.c.Follower.Unread() }

func (t target) Lines(life string, from int) ([]string, int, bool) {
	return t.c.Follower.Lines(life, from)
}

func (t target) Tail(n int) ([]string, int) { return t.c.Follower.Tail(n) }

func (t target) ErrorLine(ctx context.Context, life string) string { return t.c.ErrorLine(ctx, life) }

func (t target) Changed() <-chan struct{} { return t.c.Follower.Changed() }

func (t target) Addr(ctx context.Context, port int) (string, error) {
	if t.c.Ingress != nil {
		if addr, published, err := t.c.Ingress(ctx, port); published {
			return addr, err
		}
	}
	b, err := t.c.Binding(ctx, port)
	var not *NotRunning
	switch {
	case err == nil:
		return t.c.Engine.Reach(ctx, b)
	case !errors.As(err, &not):
		return "", err
	case not.State.Ended():
		return "", &wait.ExitError{State: not.State}
	}
	return "", nil // it may yet
}

func (t target) Listeners(ctx context.Context, port int) (int, []wait.Listener, error) {
	found, err := t.c.Follower.Listeners(ctx)
	all := make([]wait.Listener, 0, len(found))
	for _, l := range found {
		all = append(all, wait.Listener(l))
	}
	for _, p := range t.c.Ports() { // a number of the file's goes first, as in [LookUp]
		if p.Number == port && p.Protocol == "tcp" {
			return p.Target, all, err
		}
	}
	return port, all, err
}

func (t target) Exec(ctx context.Context, command []string) (int, string, error) {
	var both report.Buffer
	code, err := t.c.Engine.Exec(ctx, t.c.ID, engine.Exec{Command: command, Out: &both, Err: &both})
	return code, both.String(), err
}

func (t target) Read(ctx context.Context, path string, most int) ([]byte, error) {
	content, err := t.c.Engine.ReadFile(ctx, t.c.ID, path, most)
	if engine.IsNotFound(err) {
		err = fs.ErrNotExist
	}
	return content, err
}

// NotRunning is why a container has no ports.
type NotRunning struct{ wait.State }

// Error says how the container is, as the end of a message.
func (e *NotRunning) Error() string {
	switch {
	case e.Ended():
		return "it " + e.String()
	case e.Status == "running":
		return "the engine has published none: that takes a moment after a start, and comes to nothing if all of its networks are internal"
	}
	return "it is " + e.String()
}
