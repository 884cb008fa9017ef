// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

// CheckReady checks the conditions that a test has for services, against the plan.
func CheckReady(s spec.Project, plan *tailor.Plan) error {
	var wrong report.Problems
	for _, name := range slices.Sorted(maps.Keys(s.Ready)) {
		if !slices.ContainsFunc(plan.Services, func(s tailor.Service) bool { return s.Name == name }) {
			wrong.Add("Ready: no service %q; there are %s", name, planned.Names(plan))
		}
		check.Condition(&wrong, fmt.Sprintf("Ready[%q]", name), s.Ready[name], s.TimeLimit)
	}
	return wrong.Err("starting " + strings.Join(s.Files, ", "))
}

// ready waits until these containers are ready, together: the first one that can't
// get there ends it. One that was ready before others were may have failed since, and
// have been started again: it has to show anew that it stays.
func (r *revision) ready(ctx context.Context, all []*container.Container) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lives := map[*container.Container]string{} // in which they were ready
	var mu sync.Mutex
	for waiting := all; len(waiting) > 0; {
		err := parallel.First(waiting, func(c *container.Container) error {
			if err := r.await(ctx, c); err != nil {
				cancel()
				return err
			}
			r.p.Session.Artifacts.Note("service %s ready", c.Name)
			state, err := c.Follower.State(ctx)
			mu.Lock()
			defer mu.Unlock()
			lives[c] = state.StartID
			return err
		})
		if err != nil {
			return err
		}
		states := fresh(ctx, all)
		if err := fallen(ctx, all, states); err != nil {
			return err
		}
		waiting = nil
		for i, c := range all {
			if s := states[i]; s.StartID != "" && s.StartID != lives[c] && !s.Ended() {
				r.p.Session.Artifacts.Note("service %s was started again", c.Name)
				waiting = append(waiting, c)
			}
		}
	}
	return nil
}

// await waits until a container is ready.
func (r *revision) await(ctx context.Context, c *container.Container) error {
	condition := r.spec.Ready[r.p.place(c).service]
	up := wait.ReadyCondition{AtOnce: condition != nil || r.joined}
	if err := wait.Until(ctx, c.Target(), up); err != nil {
		return err
	}
	switch {
	case condition != nil:
		if err := wait.Until(ctx, c.Target(), wait.Steady(condition)); err != nil {
			return err
		}
		state, err := c.Follower.State(ctx)
		c.ReadyIn.Store(state.StartID)
		return err
	case r.joined:
		return nil
	}
	return container.AwaitListening(ctx, r.p.Session, c)
}

// othersWork reports whether all other containers of the project have got to where
// they do their work, so that one which needs them has no more reason to end.
func (p *Project) othersWork(ctx context.Context, c *container.Container) bool {
	ready := p.current().spec.Ready
	for _, other := range p.lasting() {
		if other == c {
			continue
		}
		held, _ := other.ReadyIn.Load().(string)
		if ready[p.place(other).service] != nil && held == "" {
			return false
		}
		if s, err := other.Follower.State(ctx); err == nil && held != "" && s.StartID == held {
			continue
		}
		if !other.Follower.Works(ctx) {
			return false
		}
	}
	return true
}

// Meets waits until services meet conditions.
func (p *Project) Meets(ctx context.Context, ready map[string]wait.Condition) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	return parallel.First(p.All(), func(c *container.Container) error {
		condition := ready[p.place(c).service]
		if condition == nil {
			return nil
		}
		err := wait.Until(ctx, c.Target(), wait.Steady(condition))
		if err != nil {
			cancel()
		}
		return err
	})
}

// fallen returns why a container that had been started is not ready, if there is
// such a one. One that still runs, and is unhealthy, is not among those that were
// just stopped.
func fallen(ctx context.Context, all []*container.Container, states []wait.State) error {
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

// lasting returns the containers but those of Run, whose ends were told already.
func (p *Project) lasting() []*container.Container {
	return slices.DeleteFunc(p.All(), func(c *container.Container) bool { return p.place(c).number == 0 })
}

// findCause finds the service for which docker compose failed, if there is one.
func (r *revision) findCause(ctx context.Context, err error) error {
	var cutOff *engine.CutOffError
	if errors.As(err, &cutOff) {
		return r.p.late(err)
	}
	var command *engine.CommandError
	if !errors.As(err, &command) {
		return err
	}
	_ = r.p.refresh(ctx) // those that are known will do
	all := r.p.lasting()
	if why := fallen(ctx, all, fresh(ctx, all)); why != nil {
		return fmt.Errorf("%w\n    %w", why, err)
	}
	return fmt.Errorf("%w%s%s", err, report.Quoted(command.Stderr[max(0, len(command.Stderr)-12):]), r.warnings())
}

// warnings repeats what tailoring warned of: it may be the reason.
func (r *revision) warnings() string {
	var b strings.Builder
	for _, f := range r.plan.Findings {
		if f.Severity == tailor.Warning {
			b.WriteString("\n    " + strings.ReplaceAll(f.String(), "\n", "\n    "))
		}
	}
	return b.String()
}

// late says which services were not ready when time was up.
func (p *Project) late(err error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var states []string
	last := ""
	for _, c := range p.lasting() {
		state, failed := c.Follower.State(ctx)
		s := wait.State(state)
		if failed != nil || s.Ended() && s.ExitCode == 0 || s.Status == "running" && (s.Health == "" || s.Health == "healthy") {
			continue
		}
		states = append(states, c.Name+" is "+s.String())
		if s.Status != "created" && last == "" {
			last = c.LastLines()
		}
	}
	if len(states) == 0 {
		return err
	}
	return fmt.Errorf("%w; %s%s", err, strings.Join(states, ", "), last)
}
