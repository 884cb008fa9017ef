// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/seatrial/seatrial/wait"
)

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

func (t commandTarget) Stalled(context.Context) time.Duration { return 0 }

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

func (t commandTarget) Listeners(context.Context, int) (int, []netip.AddrPort, error) {
	return 0, nil, errors.ErrUnsupported
}

var errNoContainer = errors.New("it is a command of this machine, and no container")

func (t commandTarget) Exec(context.Context, []string) (int, string, error) {
	return 0, "", errNoContainer
}

func (t commandTarget) Read(context.Context, string, int) ([]byte, error) {
	return nil, errNoContainer
}
