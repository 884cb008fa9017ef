// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"errors"
	"fmt"

	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm/converge"
	"github.com/seatrial/seatrial/spec"
)

// past returns the tasks that have ended by now: they say nothing of what a change leads to.
func (g *serviceGroup) past(ctx context.Context) (map[string]bool, error) {
	services, tasks, err := g.ask(ctx)
	if err != nil {
		return nil, err
	}
	return converge.EndedBefore(services, tasks), nil
}

// Settle waits until the service is what it is to be.
func (s *Service) Settle(ctx context.Context) error {
	return s.change(ctx, "waiting for service "+s.Name, true, func(context.Context) error { return nil })
}

// Scale changes the number of replicas, and returns when so many run.
func (s *Service) Scale(ctx context.Context, replicas int) error {
	return s.change(ctx, fmt.Sprintf("scaling service %s to %d", s.Name, replicas), false, func(ctx context.Context) error {
		if replicas < 0 {
			return errors.New("there is no such number of replicas")
		}
		return s.group.session.Engine.Scale(ctx, s.ID, replicas)
	})
}

// Restart has the swarm start other tasks in the place of those that the service has, and
// returns when they are what they are to be.
func (s *Service) Restart(ctx context.Context) error {
	return s.change(ctx, "restarting service "+s.Name, false, func(ctx context.Context) error {
		return s.group.session.Engine.Restart(ctx, s.ID)
	})
}

// Beyond warns if so many replicas cannot run on one node with the ports of the files.
func (s *Service) Beyond(replicas int) (warning string) {
	if room := s.group.room(s.Name); room > 0 && replicas > room {
		return fmt.Sprintf("%s has %d tasks, and in the files a host port, which each node has once: with those it takes %d nodes%s", s.Name, replicas, replicas, planned.AllowSelfCollision)
	}
	return ""
}

// Rollback makes the service what it was before its last update, and returns when it is.
func (s *Service) Rollback(ctx context.Context) error {
	return s.change(ctx, "rolling service "+s.Name+" back", true, func(ctx context.Context) error {
		return s.group.session.Engine.Rollback(ctx, s.ID)
	})
}

// change changes the service, and waits until it is what it is to be. With back, that may be
// what it was before an update.
func (s *Service) change(ctx context.Context, doing string, back bool, do func(context.Context) error) error {
	before, err := s.group.past(ctx)
	if err == nil {
		err = do(ctx)
	}
	if err == nil {
		err = s.group.converge(ctx, before, back, s.ID)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", doing, s.group.whyGone(err))
	}
	s.group.session.Artifacts.Note("%s: done", doing)
	return nil
}

// Update deploys the stack again, as another spec says.
func (k *Stack) Update(ctx context.Context, s spec.Stack, say session.Progress) error {
	if err := k.deploy(ctx, s, say); err != nil {
		return k.failed("updating", err)
	}
	return nil
}
