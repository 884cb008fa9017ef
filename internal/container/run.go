// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// RunLimit bounds a run, and what takes no longer than one.
const RunLimit = 2 * time.Minute

// Run creates and starts a container, and waits until it is ready. Why the condition of a
// container that was started again must hold in its last life: see [wait.Steady].
func Run(ctx context.Context, sess *session.Session, s spec.Container, say session.Progress) (*Container, error) {
	c, err := start(ctx, sess, s, say)
	if err != nil {
		return nil, err
	}
	ready := s.Ready
	if ready == nil {
		inspected, err := sess.Engine.Inspect(ctx, c.ID)
		if err != nil {
			return nil, fmt.Errorf("running %s: %w", c.Name, err)
		}
		if !engine.HasHealthcheck(inspected) {
			return c, awaitSteady(ctx, sess, c, s.ExitCodes)
		}
		ready = wait.Healthy()
	}
	sess.Artifacts.Note("waiting for %s: %v", c.Name, ready)
	if err := wait.Until(ctx, c.Target(), wait.Steady(ready)); err != nil {
		return nil, err
	}
	c.MarkReady(ctx)
	sess.Artifacts.Note("container %s ready", c.Name)
	return c, nil
}

// awaitSteady waits until a container without a health check is ready.
func awaitSteady(ctx context.Context, sess *session.Session, c *Container, codes []int) error {
	err := wait.Until(ctx, c.Target(), wait.Ready())
	var exit *wait.ExitError
	if errors.As(err, &exit) && exit.State.Ended() && exit.State.Error == "" && slices.Contains(codes, exit.State.ExitCode) {
		err = nil
	}
	if err == nil {
		err = AwaitListening(ctx, sess, c)
	}
	if err == nil {
		c.MarkReady(ctx)
		sess.Artifacts.Note("container %s ready", c.Name)
	}
	return err
}

// start creates and starts a container.
func start(ctx context.Context, sess *session.Session, s spec.Container, say session.Progress) (*Container, error) {
	role := s.Name
	if role == "" {
		role = ImageRole(s.Image)
	}
	if err := CheckSpec(s); err != nil {
		return nil, err
	}
	c, err := create(ctx, sess, role, s, say)
	if err == nil {
		err = startError(ctx, c, sess.Engine.Start(ctx, c.ID))
	}
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", role, err)
	}
	c.Follower.Started()
	return c, nil
}

// ImageRole is the name of a container that was given none: the last word of
// its image's name.
func ImageRole(ref string) string {
	name, _, _ := strings.Cut(path.Base(ref), "@")
	name, _, _ = strings.Cut(name, ":")
	return name
}
