// SPDX-License-Identifier: Apache-2.0

package command

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/errorline"
	"github.com/seatrial/seatrial/wait"
)

// Target returns the command as a target for conditions.
func (c *Command) Target() wait.Target { return target{c} }

// target adapts a command to wait.Target.
type target struct{ c *Command }

func (t target) Name() string { return t.c.Name }

// A command has one life.
const onlyLife = "1"

func (t target) State(context.Context) (wait.State, error) {
	select {
	case <-t.c.done:
		return wait.State{Status: "exited", StartID: onlyLife, ExitCode: t.c.code}, nil
	default:
		return wait.State{Status: "running", StartID: onlyLife}, nil
	}
}

func (t target) Fresh(ctx context.Context) (wait.State, error) { return t.State(ctx) }

func (t target) Stalled(context.Context) wait.Stall { return wait.Stall{} }

// Alone does not matter, as a command is never restarted.
func (t target) Alone(context.Context) (alone, known bool) { return false, false }

func (t target) Begun() []string {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(t.c.partial[:]), func(text string) bool { return text == "" })
}

func (t target) Unread() string { return "" }

func (t target) Stranded(context.Context) string { return "" }

func (t target) Lines(_ string, from int) ([]string, int, bool) {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	select {
	case <-t.c.done:
		return slices.Clone(t.c.lines[min(from, len(t.c.lines)):]), len(t.c.lines), true
	default:
		return slices.Clone(t.c.lines[min(from, len(t.c.lines)):]), len(t.c.lines), false
	}
}

func (t target) Tail(n int) ([]string, int) {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	return slices.Clone(t.c.lines[max(0, len(t.c.lines)-n):]), len(t.c.lines)
}

func (t target) ErrorLine(ctx context.Context, _ string) string {
	s, _ := t.State(ctx)
	return errorline.OfExit(s.ExitCode, strings.Split(t.c.streams[1].text(), "\n"), strings.Split(t.c.streams[0].text(), "\n"))
}

func (t target) Changed() <-chan struct{} {
	t.c.mu.Lock()
	defer t.c.mu.Unlock()
	return t.c.changed
}

func (t target) Addr(ctx context.Context, port int) (string, error) {
	if s, _ := t.State(ctx); s.Ended() {
		return "", &wait.ExitError{State: s}
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), nil
}

func (t target) Listeners(context.Context, string, int) (int, []wait.Listener, error) {
	return 0, nil, errors.ErrUnsupported
}

var errNoContainer = errors.New("it is a command of this machine, and no container")

func (t target) Exec(context.Context, []string) (int, string, error) {
	return 0, "", errNoContainer
}

func (t target) Read(context.Context, string, int) ([]byte, error) {
	return nil, errNoContainer
}
