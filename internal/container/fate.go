// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/errorline"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
)

// MarkReady notes how the container is now that it is ready: what became of it from here
// on is told at the end of the test.
func (c *Container) MarkReady(ctx context.Context) {
	state, err := c.Follower.State(ctx)
	if err != nil {
		return
	}
	if state.Status == "running" {
		c.Follower.CatchUp(ctx, state.StartID)
	}
	_, lines, _ := c.Follower.Lines(state.StartID, math.MaxInt)
	c.ready.Store(&mark{life: state.StartID, ended: wait.State(state).Ended(), restarts: state.Restarts, lines: lines})
	c.stopped.Store(false)
}

// MarkStopped notes that the test itself ended the container, so that this is no news; or
// that it started it again.
func (c *Container) MarkStopped(stopped bool) {
	c.stopped.Store(stopped)
	if !stopped {
		c.ready.Store(nil)
	}
}

// IsStopped reports whether the test itself ended the container.
func (c *Container) IsStopped() bool { return c.stopped.Load() }

// killed is the exit code of what SIGKILL ends.
const killed = 128 + 9

// ends are the signals that are meant to end a program.
var ends = []string{"", "KILL", "9", "TERM", "15", "INT", "2", "QUIT", "3", "ABRT", "6", "STOP", "19"}

// isEnd reports whether a signal is one of them.
func isEnd(signal string) bool {
	return slices.Contains(ends, strings.TrimPrefix(strings.ToUpper(signal), "SIG"))
}

// takenAway is what became of a container that somebody has removed.
var takenAway = strings.TrimPrefix(ErrTakenAway.Error(), "it")

// Fate says in one line what became of the container since it was ready: that it ended, was
// removed by somebody else, was started again, or is unhealthy, with its last words, or that it
// logged an error. It is nothing if all is well, and of one that the test itself has stopped. If the
// test has passed, an end with code 0, a removal and errors in the log are no news, and nothing is
// of a container that never was ready: the test has looked at what became of that itself.
func (c *Container) Fate(ctx context.Context, passed bool) string {
	if c.taken.Load() && !passed {
		return c.Name + takenAway
	}
	if c.Follower == nil || c.stopped.Load() || c.removed.Load() || c.replaced.Load() { // nil: it was not created
		return ""
	}
	was := c.ready.Load()
	if passed && was == nil {
		return ""
	}
	ask := c.Follower.Fresh
	if passed {
		ask = c.Follower.Known
	}
	now, err := ask(ctx)
	if engine.IsNotFound(err) && !passed && isTaken(c) {
		return c.Name + takenAway
	}
	if err != nil {
		return ""
	}
	state := wait.State(now)
	if was != nil && was.ended && was.life == state.StartID {
		return "" // as it should be
	}
	failed := state.ExitCode != 0 || state.Error != "" || state.OOMKilled
	what := ""
	switch {
	case state.Ended() && (failed || was != nil && !passed):
		why := c.ErrorLine(ctx, state.StartID)
		if state.ExitCode == killed && !state.OOMKilled && !c.outOfMemory.Load() {
			why = "it was killed (SIGKILL), and not for want of memory" // what it logged before has nothing to do with that
		}
		what = report.Sentence(state.String(), why)
	case state.Ended():
		return ""
	case state.Status == "restarting", was != nil && state.Restarts > was.restarts:
		before := 0
		if was != nil {
			before = was.restarts
		}
		often := "once"
		if n := state.Restarts - before; n > 1 {
			often = fmt.Sprintf("%d times", n)
		}
		what = report.Sentence("ended and was started again, "+often, c.ErrorLine(ctx, ""))
	case state.Health == "unhealthy":
		what = report.Sentence("is unhealthy", errorline.Of(strings.Split(state.HealthOutput, "\n"), nil))
	case c.outOfMemory.Load():
		what = "is short of memory: " + reasons{c}.outOfMemory(ctx)
	case !passed && was != nil && was.life == state.StartID:
		lines, _, _ := c.Follower.Lines(was.life, was.lines)
		if line := errorline.Of(lines, nil); line != "" {
			what = "has logged since it was ready: " + line
		}
	}
	if what == "" {
		return ""
	}
	return c.Name + " " + what
}

// Fates says what became of several containers.
func Fates(ctx context.Context, passed bool, all []*Container) []string {
	said, err := parallel.Map(all, func(c *Container) string { return c.Fate(ctx, passed) })
	if err != nil {
		said = append(said, "what became of a container is not known: "+err.Error())
	}
	return said
}
