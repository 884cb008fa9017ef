// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/errorline"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
)

// A service may go while it is looked at, because others are deployed in its place;
// one that is not there so often does not come back.
const mostMissed = 20

var errTakenAway = errors.New("it is not in the swarm any more: somebody has removed it")

// converge waits until all services are as is wanted, or those of some ids, or
// one cannot get there.
func (g *serviceGroup) converge(ctx context.Context, before map[string]bool, back bool, ids ...string) error {
	courses := map[string]*tracker{}
	pulls := newPulls(ctx)
	defer pulls.end()
	began, missed := time.Now(), 0
	var doing []string
	for {
		looked := time.Now()
		services, tasks, err := g.ask(ctx)
		if len(ids) > 0 {
			services = slices.DeleteFunc(services, func(s engine.Service) bool { return !slices.Contains(ids, s.ID) })
		}
		if none := err == nil && len(services) == 0 || engine.IsNotFound(err); !none {
			missed = 0
		} else if missed++; missed == mostMissed {
			return errTakenAway
		}
		if err == nil {
			doing, err = g.judge(ctx, services, tasks, courses, pulls, before, back)
			if err != nil || len(doing) == 0 && len(services) > 0 {
				return err
			}
		} else if ctx.Err() == nil && !engine.IsNotFound(err) {
			return err // a service may go while it is looked at
		}
		select {
		case <-ctx.Done():
			return g.late(ctx, doing, time.Since(began))
		case <-time.After(max(lookAgain, time.Since(looked))):
		}
	}
}

// steadily waits until conditions hold for tasks that stay: one that ended when it had
// fulfilled its own has another one in its place, for which nothing was shown.
func (g *serviceGroup) steadily(ctx context.Context, before map[string]bool, fulfil func() error) error {
	for {
		was, err := g.serving(ctx)
		if err == nil {
			err = fulfil()
		}
		if err == nil {
			err = g.converge(ctx, before, false)
		}
		if err != nil {
			return err
		}
		if is, err := g.serving(ctx); err != nil || slices.Equal(was, is) {
			return err
		}
	}
}

// serving returns the ids of the tasks that run and are to go on, which those of jobs
// are not.
func (g *serviceGroup) serving(ctx context.Context) ([]string, error) {
	_, tasks, err := g.ask(ctx)
	var ids []string
	for _, t := range tasks {
		if t.State == "running" && t.Desired == "running" {
			ids = append(ids, t.ID)
		}
	}
	slices.Sort(ids)
	return ids, err
}

// judge looks at each service, and returns what those do that are not done.
func (g *serviceGroup) judge(ctx context.Context, services []engine.Service, tasks []engine.Task, courses map[string]*tracker, pulls *nodePulls, before map[string]bool, back bool) (doing []string, err error) {
	g.mu.Lock()
	nodes := g.nodes
	g.mu.Unlock()
	now := time.Now()
	var busy []*tracker
	for _, s := range services {
		c := courses[s.ID]
		if c == nil {
			c = newTracker(g.allow)
			c.before, c.back = before, back
			courses[s.ID] = c
		}
		c.up, c.checked = g.upSince(ctx, s, tasks)
		done, what, bad := c.Look(s, tasks, nodes, now)
		updating := s.Update == "updating" || s.Update == "rollback_started"
		if !done && !updating && (bad == nil || bad.why == "") {
			if worse := g.unstarted(ctx, s, tasks, before); worse != nil {
				if bad != nil {
					worse.update = bad.update
				}
				bad = worse
			}
		}
		if bad == nil && !done && !updating {
			bad = g.unhealthy(ctx, s, tasks, before)
		}
		if bad == nil && !done {
			bad = pulls.fail(s, tasks, nodes, now)
		}
		if bad != nil {
			return nil, g.fault(ctx, s, bad, g.unfound(services))
		}
		if !done {
			busy = append(busy, c)
			doing = append(doing, g.role(s.Name)+": "+what)
		} else {
			c.alone = time.Time{}
		}
	}
	for _, s := range services { // asked when nothing else is lacking
		if len(busy) == 0 && !g.stillRunning(ctx, s, tasks) {
			courses[s.ID].steady = time.Time{}
			doing = append(doing, g.role(s.Name)+": a task has just ended")
		}
	}
	for _, c := range busy {
		switch {
		case len(busy) > 1:
			c.alone = time.Time{}
		case c.alone.IsZero():
			c.alone = now
		}
	}
	slices.Sort(doing)
	return doing, nil
}

// upSince returns when the last of a service's tasks that run was started, or zero
// where that is not known; and whether all of them are well by their health checks.
func (g *serviceGroup) upSince(ctx context.Context, s engine.Service, tasks []engine.Task) (up time.Time, checked bool) {
	checked = true
	for _, t := range tasks {
		if t.Service != s.ID || t.State != "running" || t.Desired != "running" {
			continue
		}
		c := g.container(t.Container)
		if c == nil {
			return time.Time{}, false
		}
		state, err := c.Follower.State(ctx)
		if err != nil || state.Status != "running" {
			return time.Time{}, false
		}
		if checked = checked && state.Health == "healthy"; state.Since.After(up) {
			up = state.Since
		}
	}
	return up, checked && !up.IsZero()
}

// listening waits until servers listen on what services publish, but for those that
// conditions say of when they can be used.
func (g *serviceGroup) listening(ctx context.Context, ready map[string]wait.Condition) error {
	services, tasks, err := g.ask(ctx)
	if err != nil {
		return err
	}
	var all []engine.Task
	published := map[string][]int{}
	for _, s := range services {
		for _, p := range s.Ports {
			if p.Protocol == "tcp" && ready[g.role(s.Name)] == nil {
				published[s.ID] = append(published[s.ID], p.Target)
			}
		}
	}
	for _, t := range tasks {
		if len(published[t.Service]) > 0 && t.State == "running" && t.Desired == "running" && g.container(t.Container) != nil {
			all = append(all, t)
		}
	}
	return parallel.First(all, func(t engine.Task) error {
		return container.AwaitListening(ctx, g.session, g.container(t.Container), published[t.Service]...)
	})
}

// stillRunning reports whether the engines say the same of the tasks that run. What the
// managers know of them may be old, and so what events told: the one of a program's
// end comes when all is cleared up after it. Who asks waits for that.
func (g *serviceGroup) stillRunning(ctx context.Context, s engine.Service, tasks []engine.Task) bool {
	errEnded := errors.New("ended")
	return parallel.Do(tasks, func(t engine.Task) error {
		c := g.container(t.Container)
		if c == nil || t.Service != s.ID || t.State != "running" || t.Desired != "running" {
			return nil
		}
		if is, err := c.Engine.Inspect(ctx, c.ID); err == nil && wait.State(engine.StateOf(is)).Ended() {
			return errEnded
		}
		return nil
	}) == nil
}

// unhealthy finds a task whose container is unhealthy, or was when it ended: the
// swarm ends it, and another one would fare no better. An engine that starts a
// container answers no question about it until that is done, which may take
// seconds: it is not asked before.
func (g *serviceGroup) unhealthy(ctx context.Context, s engine.Service, tasks []engine.Task, before map[string]bool) *fault {
	for _, t := range tasks {
		if !t.Of(s) || before[t.ID] || isShutDown(t) {
			continue
		}
		g.mu.Lock()
		c, starting := g.containers[t.Container], g.starting[t.Container]
		g.mu.Unlock()
		if c == nil || starting {
			continue
		}
		if state, err := c.Follower.State(ctx); err == nil && state.Health == "unhealthy" {
			said := ""
			if line := errorline.Of(strings.Split(state.HealthOutput, "\n"), nil); line != "" {
				said = ": " + line
			}
			return &fault{task: t, why: "unhealthy" + said}
		}
	}
	return nil
}

// unstarted finds a task whose program could not be started: that its container has
// an exit code says nothing. Another one would fare no better.
func (g *serviceGroup) unstarted(ctx context.Context, s engine.Service, tasks []engine.Task, before map[string]bool) *fault {
	for _, t := range tasks {
		if !t.Of(s) || before[t.ID] || t.State != "failed" {
			continue
		}
		c := g.container(t.Container)
		if c == nil {
			continue
		}
		if state, err := c.Follower.State(ctx); err == nil && state.Status == "created" {
			return &fault{task: t, why: t.Error}
		}
	}
	return nil
}

// isShutDown reports whether the swarm ends a task that did nothing wrong: that its
// health fails on the way says nothing.
func isShutDown(t engine.Task) bool {
	return t.State == "shutdown" || t.State != "failed" && (t.Desired == "shutdown" || t.Desired == "remove")
}

// late says what was not done when time was up.
func (g *serviceGroup) late(ctx context.Context, doing []string, took time.Duration) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	what := strings.Join(doing, "; ")
	if what == "" {
		what = "the swarm's managers gave no answer"
	}
	return fmt.Errorf("not within %v: %s%w", took.Round(time.Millisecond), what, report.Silent(context.DeadlineExceeded))
}
