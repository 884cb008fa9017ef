// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// Update deploys the stack again, from other files, or with other images or
// variables, in the place of what it is: its volumes keep what is in them, services
// that are not in the files any more go, and all others are updated as the files
// say. It returns when the updates are over, their time of observation included
// (update_config.monitor, 5 seconds by default), and fails the test if one is
// paused or rolled back, with the reason; [Try] lets a test expect that.
func (k *Stack) Update(t T, s spec.Stack) {
	t.Helper()
	ctx, cancel := limit(t, s.TimeLimit, deployLimit+ownLimit(t, slices.Collect(maps.Values(s.Ready))...))
	defer cancel()
	err := k.deploy(ctx, s, session.ProgressOf(t))
	k.session.TellSaid(t)
	if err != nil {
		fail(t, session.CutOff(ctx, k.failed(err)))
	}
}

// Scale changes the number of replicas, and returns when so many run.
func (s *Service) Scale(t T, replicas int) {
	t.Helper()
	s.change(t, fmt.Sprintf("scaling service %s to %d", s.Name, replicas), false, func(ctx context.Context) error {
		if replicas < 0 {
			return errors.New("there is no such number of replicas")
		}
		return s.group.session.Engine.Scale(ctx, s.ID, replicas)
	})
	if room := s.group.room(s.Name); room > 0 && replicas > room {
		t.Logf("warning: %d tasks of %s run here, each with a port of its own; with the ports of the files it takes %d nodes%s", replicas, s.Name, replicas, planned.AllowSelfCollision)
	}
}

// Rollback makes the service what it was before its last update, and returns when
// it is.
func (s *Service) Rollback(t T) {
	t.Helper()
	s.change(t, "rolling service "+s.Name+" back", true, func(ctx context.Context) error {
		return s.group.session.Engine.Rollback(ctx, s.ID)
	})
}

// change changes the service, and waits for what comes of it: if back, also for
// what it was before an update.
func (s *Service) change(t T, doing string, back bool, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := limit(t, 0, serveLimit)
	defer cancel()
	before, err := s.group.past(ctx)
	if err == nil {
		err = do(ctx)
	}
	if err == nil {
		err = s.group.converge(ctx, before, back, s.ID)
	}
	if err != nil {
		fail(t, session.CutOff(ctx, fmt.Errorf("%s: %w", doing, s.group.gone(err))))
	}
	s.group.session.Artifacts.Note("%s: done", doing)
}

// past returns the tasks that have ended by now, and say nothing of what comes.
func (f *serviceGroup) past(ctx context.Context) (map[string]bool, error) {
	services, tasks, err := f.ask(ctx)
	if err != nil {
		return nil, err
	}
	return endedBefore(services, tasks), nil
}

// endedBefore says of tasks whether they have ended and say nothing of what comes.
// Those of a job do that are complete, and those of a service whose tasks are not
// started again, as long as it is the same.
func endedBefore(services []engine.Service, tasks []engine.Task) map[string]bool {
	before := map[string]bool{}
	for _, t := range tasks {
		last := slices.ContainsFunc(services, func(s engine.Service) bool {
			return t.Of(s) && (s.Restart == "none" || t.State == "complete" && (s.Restart != "any" || isJob(s.Mode)))
		})
		before[t.ID] = t.Over() && !last
	}
	return before
}
