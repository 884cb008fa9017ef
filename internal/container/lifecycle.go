// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/internal/report"
)

// Life ends and begins the life of a container, and holds it up.
type Life struct{ c *Container }

// Life returns what its life is changed with.
func (c *Container) Life() Life { return Life{c} }

// do does something with the container, and says what in its error.
func (l Life) do(ctx context.Context, doing string, do func(context.Context) error) error {
	if l.c.note != nil {
		l.c.note("the test is %s %s", doing, l.c.Name)
	}
	err := do(ctx)
	l.c.Follower.Touch() // events say the same, a moment later
	if err != nil {
		return fmt.Errorf("%s %s: %w", doing, l.c.Name, notRunning(l.c, err))
	}
	return nil
}

// Stop stops the container with its own signal and grace period.
func (l Life) Stop(ctx context.Context) error {
	l.c.MarkStopped(true)
	return l.do(ctx, "stopping", func(ctx context.Context) error { return l.c.Engine.Stop(ctx, l.c.ID) })
}

// Begin starts it for the first time.
func (l Life) Begin(ctx context.Context) error {
	err := l.c.Engine.Start(ctx, l.c.ID)
	l.c.Follower.Touch()
	if err == nil {
		return nil
	}
	err = l.c.Ended(err)
	why := strings.TrimPrefix(err.Error(), "Error response from daemon: ")
	return startError(ctx, l.c, report.Reworded(l.c.Name+NotStarted+why, err))
}

// Start starts it again.
func (l Life) Start(ctx context.Context) error {
	l.c.MarkStopped(false)
	return l.do(ctx, "starting", func(ctx context.Context) error { return startError(ctx, l.c, l.c.Engine.Start(ctx, l.c.ID)) })
}

// Restart stops and starts it, in two calls: between them, nothing is published under the old
// number any more, and the log of the old life is complete.
func (l Life) Restart(ctx context.Context) error {
	l.c.MarkStopped(false)
	return l.do(ctx, "restarting", func(ctx context.Context) error {
		if err := l.c.Engine.Stop(ctx, l.c.ID); err != nil {
			return err
		}
		return startError(ctx, l.c, l.c.Engine.Start(ctx, l.c.ID))
	})
}

// Kill sends a signal; an empty one is SIGKILL.
func (l Life) Kill(ctx context.Context, signal string) error {
	doing := "killing"
	if signal != "" {
		doing = "sending " + signal + " to"
	}
	if isEnd(signal) {
		l.c.MarkStopped(true)
	}
	return l.do(ctx, doing, func(ctx context.Context) error { return l.c.Engine.Signal(ctx, l.c.ID, signal) })
}

// Pause freezes all of its processes.
func (l Life) Pause(ctx context.Context) error {
	return l.do(ctx, "pausing", func(ctx context.Context) error { return l.c.Engine.Pause(ctx, l.c.ID) })
}

// Unpause lets them go on.
func (l Life) Unpause(ctx context.Context) error {
	return l.do(ctx, "unpausing", func(ctx context.Context) error { return l.c.Engine.Unpause(ctx, l.c.ID) })
}
