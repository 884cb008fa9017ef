// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

// CheckReady checks the conditions that a test has for services, against the plan.
func CheckReady(s spec.Project, plan *tailor.Plan) error {
	var wrong report.Problems
	for _, name := range slices.Sorted(maps.Keys(s.Ready)) {
		if err := planned.CheckReady(plan, name, s.Ready[name]); err != nil {
			wrong.Add("Ready: %w", err)
		}
		check.Condition(&wrong, fmt.Sprintf("Ready[%q]", name), s.Ready[name], s.TimeLimit)
	}
	return wrong.Err("starting " + strings.Join(s.Files, ", "))
}

// A readiness is what has to hold until services are ready.
type readiness struct {
	session    *session.Session
	conditions map[string]wait.Condition  // by service
	joined     bool                       // others had them ready: nobody need see whether services stay
	tell       func(*container.Container) // hears of each that runs and is ready; may be nil
}

// await waits for all of these containers at once, and gives up with the first one that
// cannot become ready. A container that was ready before the others may have failed since and
// been started again: it has to show anew that it stays.
func (r *readiness) await(ctx context.Context, all []*container.Container) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lives := map[*container.Container]string{} // in which they were ready
	var mu sync.Mutex
	for waiting := all; len(waiting) > 0; {
		err := parallel.First(waiting, func(c *container.Container) error {
			if err := r.awaitOne(ctx, c); err != nil {
				cancel()
				return err
			}
			r.session.Artifacts.Note("service %s ready", c.Name)
			c.MarkReady(ctx)
			state, err := c.Follower.State(ctx)
			if r.tell != nil && !wait.State(state).Ended() {
				r.tell(c)
			}
			mu.Lock()
			defer mu.Unlock()
			lives[c] = state.StartID
			return err
		})
		if err != nil {
			return err
		}
		states := fresh(ctx, all)
		if err := firstFailed(ctx, all, states); err != nil {
			return err
		}
		waiting = nil
		for i, c := range all {
			if s := states[i]; s.StartID != "" && s.StartID != lives[c] && !s.Ended() {
				r.session.Artifacts.Note("service %s was started again", c.Name)
				waiting = append(waiting, c)
			}
		}
	}
	return nil
}

// awaitOne waits until a container is ready.
func (r *readiness) awaitOne(ctx context.Context, c *container.Container) error {
	condition := r.conditions[placeOf(c.Labels).service]
	up := wait.ReadyCondition{AtOnce: condition != nil || r.joined}
	if err := wait.Until(ctx, c.Target(), up); err != nil {
		return err
	}
	switch {
	case condition != nil:
		r.session.Artifacts.Note("waiting for %s: %v", c.Name, condition)
		if err := wait.Until(ctx, c.Target(), wait.Steady(condition)); err != nil {
			return err
		}
		state, err := c.Follower.State(ctx)
		c.ReadyIn.Store(state.StartID)
		return err
	case r.joined:
		return nil
	}
	return container.AwaitListening(ctx, r.session, c)
}

// othersWork reports whether all other containers of the project have got to where
// they do their work, so that one which needs them has no more reason to end.
func othersWork(ctx context.Context, cs *containers, conditions map[string]wait.Condition, c *container.Container) bool {
	for _, other := range cs.lasting() {
		if other == c {
			continue
		}
		held, _ := other.ReadyIn.Load().(string)
		if conditions[placeOf(other.Labels).service] != nil && held == "" {
			return false
		}
		if s, err := other.Follower.State(ctx); err == nil && held != "" && s.StartID == held {
			continue
		}
		if !other.Follower.IsSettled(ctx) && !isHeldBack(ctx, cs, other, c) {
			return false
		}
	}
	return true
}

// isHeldBack reports whether a container was not started yet because it depends on another
// one, which therefore cannot need it.
func isHeldBack(ctx context.Context, cs *containers, c, by *container.Container) bool {
	state, err := c.Follower.State(ctx)
	return err == nil && state.Status == "created" && dependsOn(cs.lasting(), placeOf(c.Labels).service, placeOf(by.Labels).service, map[string]bool{})
}

// dependsOn reports whether a service depends on another one, by the labels that docker
// compose gives to containers.
func dependsOn(all []*container.Container, service, on string, seen map[string]bool) bool {
	if seen[service] {
		return false
	}
	seen[service] = true
	for _, c := range all {
		if placeOf(c.Labels).service != service {
			continue
		}
		for _, dependency := range dependencies(c.Labels) {
			if dependency == on || dependsOn(all, dependency, on, seen) {
				return true
			}
		}
	}
	return false
}

// firstFailed returns why one of the containers that were started is not ready, or nil if all are.
// An unhealthy one that still runs goes first: those that have ended may just have been
// stopped.
func firstFailed(ctx context.Context, all []*container.Container, states []wait.State) error {
	var ended *container.Container
	for i, s := range states {
		switch {
		case s.Health == "unhealthy" && !s.Ended():
			return wait.Until(ctx, all[i].Target(), wait.Ready())
		case ended == nil && (s.Ended() || s.Status == "restarting") && s.ExitCode != 0:
			ended = all[i]
		}
	}
	if ended != nil {
		return wait.Until(ctx, ended.Target(), wait.Ready())
	}
	return nil
}

// fresh asks the engine anew how containers are: events may be on their way.
func fresh(ctx context.Context, all []*container.Container) []wait.State {
	states := make([]wait.State, len(all))
	var asked sync.WaitGroup
	for i, c := range all {
		asked.Go(func() {
			if state, err := c.Follower.Fresh(ctx); err == nil {
				states[i] = wait.State(state)
			}
		})
	}
	asked.Wait()
	return states
}
