// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/wait"
)

// act does something with a container, and fails the test if that fails.
func (c *Container) act(t T, doing string, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := limit(t, 0, runLimit)
	defer cancel()
	err := do(ctx)
	c.follower.Touch() // events say the same, a moment later
	if err != nil {
		fail(t, fmt.Errorf("%s %s: %w", doing, c.Name, c.ended(err)))
	}
}

// ended says that a container is not to be found because its test has ended, or
// how one is that cannot do now what it was told.
func (c *Container) ended(err error) error {
	switch {
	case engine.IsNotFound(err) && c.removed.Load():
		return errRemoved
	case engine.IsNotFound(err) && c.replaced.Load():
		return errReplaced
	case !engine.IsInUse(err):
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s, failed := c.follower.State(ctx)
	if failed != nil {
		return err
	}
	return fmt.Errorf("%w; its state: %s", err, wait.State(s))
}

var (
	errRemoved  = errors.New("it was removed at the end of the test that made it")
	errReplaced = errors.New("it is gone: replaced by an update of its project, scaled away, or removed by somebody else\n    hint: Service returns the one that is there now")
)

// Stop stops the container: its stop signal, then, if it does not end within its
// own stop timeout (10 seconds, unless it has another), SIGKILL. Its log and its
// files stay, and Start starts it again. One that has ended is no error.
func (c *Container) Stop(t T) {
	t.Helper()
	c.act(t, "stopping", func(ctx context.Context) error { return c.engine.Stop(ctx, c.ID) })
}

// Start starts the container again, and returns when it runs. It is not waited
// for until it is ready: say Wait for that. Published ports have moved, so ask
// for them anew. One that runs is no error.
func (c *Container) Start(t T) {
	t.Helper()
	c.act(t, "starting", func(ctx context.Context) error { return c.engine.Start(ctx, c.ID) })
}

// Restart stops and starts the container, and returns when it runs again. It is
// not waited for until it is ready: say Wait for that. Published ports move
// with a restart, so ask for them anew.
func (c *Container) Restart(t T) {
	t.Helper()
	c.act(t, "restarting", c.restart)
}

// restart stops and starts in two calls: between them, nothing is published
// under the old number any more, and the log of the old life is complete.
func (c *Container) restart(ctx context.Context) error {
	if err := c.engine.Stop(ctx, c.ID); err != nil {
		return err
	}
	return c.engine.Start(ctx, c.ID)
}

// Kill sends a signal, as docker kill has it: "SIGHUP", "HUP" or "1". An empty
// one is SIGKILL. It does not wait for what the container makes of it. One that
// does not run is an error.
func (c *Container) Kill(t T, signal string) {
	t.Helper()
	doing := "killing"
	if signal != "" {
		doing = "sending " + signal + " to"
	}
	c.act(t, doing, func(ctx context.Context) error { return c.engine.Signal(ctx, c.ID, signal) })
}

// Pause freezes all processes of the container. Its ports still accept
// connections, and nobody answers.
func (c *Container) Pause(t T) {
	t.Helper()
	c.act(t, "pausing", func(ctx context.Context) error { return c.engine.Pause(ctx, c.ID) })
}

// Unpause lets the processes of a paused container go on.
func (c *Container) Unpause(t T) {
	t.Helper()
	c.act(t, "unpausing", func(ctx context.Context) error { return c.engine.Unpause(ctx, c.ID) })
}
