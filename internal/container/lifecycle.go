// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/wait"
)

// Ended says that a container is not to be found because its test has ended, or
// how one is that cannot do now what it was told.
func (c *Container) Ended(err error) error {
	switch {
	case engine.IsNotFound(err) && c.replaced.Load(): // which of those of a test's end is none
		return ErrReplaced
	case engine.IsNotFound(err) && c.removed.Load():
		return ErrRemoved
	case !engine.IsInUse(err):
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	s, failed := c.Follower.State(ctx)
	if failed != nil {
		return err
	}
	return fmt.Errorf("%w; its state: %s", err, wait.State(s))
}

var (
	ErrRemoved  = errors.New("it was removed at the end of the test that made it")
	ErrReplaced = errors.New("it is gone: replaced by an update of its project, scaled away, taken down, or removed by somebody else\n    hint: Service returns the one that is there now")
)

// do does something with the container, and says what in its error.
func (c *Container) do(ctx context.Context, doing string, do func(context.Context) error) error {
	if c.note != nil {
		c.note("the test is %s %s", doing, c.Name)
	}
	err := do(ctx)
	c.Follower.Touch() // events say the same, a moment later
	if err != nil {
		return fmt.Errorf("%s %s: %w", doing, c.Name, c.Ended(err))
	}
	return nil
}

// Stop stops the container with its own signal and grace period.
func (c *Container) Stop(ctx context.Context) error {
	c.MarkStopped(true)
	return c.do(ctx, "stopping", func(ctx context.Context) error { return c.Engine.Stop(ctx, c.ID) })
}

// Start starts it again.
func (c *Container) Start(ctx context.Context) error {
	c.MarkStopped(false)
	return c.do(ctx, "starting", func(ctx context.Context) error { return c.startError(ctx, c.Engine.Start(ctx, c.ID)) })
}

// Restart stops and starts it, in two calls: between them, nothing is published under the old
// number any more, and the log of the old life is complete.
func (c *Container) Restart(ctx context.Context) error {
	c.MarkStopped(false)
	return c.do(ctx, "restarting", func(ctx context.Context) error {
		if err := c.Engine.Stop(ctx, c.ID); err != nil {
			return err
		}
		return c.startError(ctx, c.Engine.Start(ctx, c.ID))
	})
}

// Kill sends a signal; an empty one is SIGKILL.
func (c *Container) Kill(ctx context.Context, signal string) error {
	doing := "killing"
	if signal != "" {
		doing = "sending " + signal + " to"
	}
	if isEnd(signal) {
		c.MarkStopped(true)
	}
	return c.do(ctx, doing, func(ctx context.Context) error { return c.Engine.Signal(ctx, c.ID, signal) })
}

// Pause freezes all of its processes.
func (c *Container) Pause(ctx context.Context) error {
	return c.do(ctx, "pausing", func(ctx context.Context) error { return c.Engine.Pause(ctx, c.ID) })
}

// Unpause lets them go on.
func (c *Container) Unpause(ctx context.Context) error {
	return c.do(ctx, "unpausing", func(ctx context.Context) error { return c.Engine.Unpause(ctx, c.ID) })
}

// WaitError is the error of a wait for the container, as messages have it.
func (c *Container) WaitError(err error) error {
	if err = c.Ended(err); err == ErrRemoved {
		return fmt.Errorf("waiting for %s: %w", c.Name, err)
	}
	return err
}
