// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/reach"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/wait"
)

// listenLimit is how long after its start a container may take until a server listens
// on what it publishes.
const listenLimit = 3 * time.Second

// mostLives is how many starts of a container are given that time.
const mostLives = 3

// AwaitListening waits until a server listens on each TCP port that a container publishes,
// and on others of it that are given. When its time is up, it warns. It asks the
// kernel alone, where that can be asked: servers count who connects and says nothing.
func AwaitListening(ctx context.Context, sess *session.Session, c *Container, others ...int) error {
	s, err := c.Follower.State(ctx)
	ports := slices.Compact(slices.Sorted(slices.Values(slices.Concat(c.Follower.Published(), others))))
	if err != nil || len(ports) == 0 || s.Health != "" || s.Status != "running" {
		return err
	}
	if _, err := c.Follower.Listeners(ctx, "tcp"); errors.Is(err, errors.ErrUnsupported) {
		if s, err := c.Follower.Fresh(ctx); err == nil && s.Status == "running" {
			sess.WarnOnce("what listens in containers is not seen from here: ports that are published are not waited for")
		}
		return nil
	}
	look := func(ctx context.Context) error {
		all, err := c.Follower.Listeners(ctx, "tcp")
		if err != nil {
			return err
		}
		return reach.Unheard(ports, all)
	}
	for lives := 1; ; lives++ {
		short, cancel := context.WithTimeout(ctx, max(listenLimit-time.Since(s.Since), time.Millisecond))
		err = wait.Until(short, c.Target(), wait.Func("servers on its published ports", look))
		cancel()
		var exit *wait.ExitError
		switch {
		case errors.As(err, &exit) && exit.State.Ended() && exit.State.ExitCode == 0:
			return nil
		case !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil:
			return err
		}
		now, err := c.Follower.Fresh(ctx)
		if err == nil && now.StartID != s.StartID && now.Status == "running" && lives < mostLives {
			s = now // this start has its own time
			continue
		}
		if missing := look(ctx); missing != nil && !c.warned.Swap(true) {
			sess.Warn("%s was started %v ago%s, and %v; it counts as ready: only a health check or a condition would be waited for", c.Name, time.Since(s.Since).Round(100*time.Millisecond), c.Follower.Stalled(ctx), missing)
		}
		return nil
	}
}
