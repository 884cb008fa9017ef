// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"slices"
	"strconv"
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

func (t target) Fresh(ctx context.Context) (wait.State, error) {
	s, err := t.c.follower.Fresh(ctx)
	return wait.State(s), err
}

func (t target) Stalled(ctx context.Context) wait.Stall { return wait.Stall(t.c.follower.Stalled(ctx)) }

func (t target) Alone(ctx context.Context) (alone, known bool) {
	if t.c.others == nil {
		return false, false
	}
	return t.c.others(ctx), true
}

func (t target) Unread() string { return t.c.follower.Unread() }

func (t target) Lines(life string, from int) ([]string, int, bool) {
	return t.c.follower.Lines(life, from)
}

func (t target) Begun() []string { return t.c.follower.Begun() }

func (t target) Tail(n int) ([]string, int) { return t.c.follower.Tail(n) }

func (t target) Changed() <-chan struct{} { return t.c.follower.Changed() }

func (t target) Addr(ctx context.Context, port int) (string, error) {
	if t.c.ingress != nil {
		if addr, published, err := t.c.ingress(ctx, port); published {
			return addr, err
		}
	}
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

func (t target) Listeners(ctx context.Context, port int) (int, []wait.Listener, error) {
	found, err := t.c.follower.Listeners(ctx)
	all := make([]wait.Listener, 0, len(found))
	for _, l := range found {
		all = append(all, wait.Listener(l))
	}
	for _, p := range t.c.published() { // a number of the file's goes first, as in [lookUp]
		if p.number == port && p.protocol == "tcp" {
			return p.target, all, err
		}
	}
	return port, all, err
}

func (t target) Exec(ctx context.Context, command []string) (int, string, error) {
	var both buffer
	code, err := t.c.engine.Exec(ctx, t.c.ID, engine.Exec{Command: command, Out: &both, Err: &both})
	return code, both.String(), err
}

// A buffer keeps the beginning of what is written to it.
type buffer struct{ strings.Builder }

func (b *buffer) Write(p []byte) (int, error) {
	if room := 64<<10 - b.Len(); room > 0 {
		_, _ = b.Builder.Write(p[:min(len(p), room)]) // never fails
	}
	return len(p), nil
}

func (t target) Read(ctx context.Context, path string, most int) ([]byte, error) {
	content, err := t.c.engine.ReadFile(ctx, t.c.ID, path, most)
	if engine.IsNotFound(err) {
		err = fs.ErrNotExist
	}
	return content, err
}

// notRunning is why a container has no ports.
type notRunning struct{ wait.State }

func (e *notRunning) Error() string {
	switch {
	case e.Ended():
		return "it " + e.String()
	case e.Status == "running":
		return "the engine has published none: that takes a moment after a start, and comes to nothing if all of its networks are internal"
	}
	return "it is " + e.String()
}

// commandTarget shows a command on this machine to the conditions of package
// wait.
type commandTarget struct{ c *Command }

func (t commandTarget) Name() string { return t.c.Name }

// A command has one life.
const onlyLife = "1"

func (t commandTarget) State(context.Context) (wait.State, error) {
	select {
	case <-t.c.done:
		return wait.State{Status: "exited", StartID: onlyLife, ExitCode: t.c.code}, nil
	default:
		return wait.State{Status: "running", StartID: onlyLife}, nil
	}
}

func (t commandTarget) Fresh(ctx context.Context) (wait.State, error) { return t.State(ctx) }

func (t commandTarget) Stalled(context.Context) wait.Stall { return wait.Stall{} }

// Alone does not matter: nobody starts a command again.
func (t commandTarget) Alone(context.Context) (alone, known bool) { return false, false }

func (t commandTarget) Unread() string { return "" }

func (t commandTarget) Lines(_ string, from int) ([]string, int, bool) {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	select {
	case <-t.c.done:
		return slices.Clone(t.c.lines[min(from, len(t.c.lines)):]), len(t.c.lines), true
	default:
		return slices.Clone(t.c.lines[min(from, len(t.c.lines)):]), len(t.c.lines), false
	}
}

func (t commandTarget) Begun() []string {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(t.c.partial[:]), func(text string) bool { return text == "" })
}

func (t commandTarget) Tail(n int) ([]string, int) {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	return slices.Clone(t.c.lines[max(0, len(t.c.lines)-n):]), len(t.c.lines)
}

func (t commandTarget) Changed() <-chan struct{} {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	return t.c.changed
}

func (t commandTarget) Addr(ctx context.Context, port int) (string, error) {
	if s, _ := t.State(ctx); s.Ended() {
		return "", &wait.ExitError{State: s}
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), nil
}

func (t commandTarget) Listeners(context.Context, int) (int, []wait.Listener, error) {
	return 0, nil, errors.ErrUnsupported
}

var errNoContainer = errors.New("it is a command of this machine, and no container")

func (t commandTarget) Exec(context.Context, []string) (int, string, error) {
	return 0, "", errNoContainer
}

func (t commandTarget) Read(context.Context, string, int) ([]byte, error) {
	return nil, errNoContainer
}
