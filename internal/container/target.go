// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"io/fs"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
)

// Target shows the container to the conditions of package wait.
func (c *Container) Target() wait.Target { return target{c} }

// target shows a container to the conditions of package wait.
type target struct{ c *Container }

func (t target) Name() string { return t.c.Name }

func (t target) State(ctx context.Context) (wait.State, error) {
	s, err := t.c.Follower.State(ctx)
	return wait.State(s), t.gone(err)
}

func (t target) Fresh(ctx context.Context) (wait.State, error) {
	s, err := t.c.Follower.Fresh(ctx)
	return wait.State(s), t.gone(err)
}

// gone says that the container was removed by somebody else, if it was. What else is the reason
// that it is not found, those say who wait.
func (t target) gone(err error) error {
	if ended := t.c.Ended(err); errors.Is(ended, ErrTakenAway) {
		return ended
	}
	return err
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
		if addr, published, err := t.c.Ingress(ctx, portnumber.TCP(port)); published {
			return addr, err
		}
	}
	b, err := t.c.Ports().Binding(ctx, portnumber.TCP(port))
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

func (t target) Listeners(ctx context.Context, protocol string, port int) (int, []wait.Listener, error) {
	found, err := t.c.Follower.Listeners(ctx, protocol)
	all := make([]wait.Listener, 0, len(found))
	for _, l := range found {
		all = append(all, wait.Listener(l))
	}
	return Inside(portnumber.Port{Number: port, Protocol: protocol}, t.c.Ports().File()).Number, all, err
}

func (t target) Stranded(ctx context.Context) string {
	advice, _ := t.c.Engine.Stranded(ctx, t.c.ID) // an error is no advice
	return advice
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
