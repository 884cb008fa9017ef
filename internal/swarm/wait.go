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
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/swarm/converge"
	"github.com/seatrial/seatrial/internal/timelimit"
	"github.com/seatrial/seatrial/wait"
)

// A service may go while it is looked at, because others are deployed in its place;
// one that is not there so often does not come back.
const mostMissed = 20

var errTakenAway = errors.New("it is not in the swarm any more: somebody has removed it")

// converge waits until all services, or those with these ids, are what they are to be, or one
// of them cannot get there.
func (g *serviceGroup) converge(ctx context.Context, before map[string]bool, back bool, ids ...string) error {
	way := &converge.Convergence{Before: before, RollBack: back, Allowed: g.allow, Role: g.role}
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
			doing, err = g.look(ctx, way, services, tasks, pulls)
			if err == nil && len(doing) == 0 && len(services) > 0 {
				g.noteOver(tasks)
				return nil
			}
			if err != nil {
				return err
			}
		} else if ctx.Err() == nil && !engine.IsNotFound(err) {
			return err // a service may go while it is looked at
		}
		select {
		case <-ctx.Done():
			return g.late(ctx, doing, timelimit.Given(ctx, began))
		case <-time.After(max(lookAgain, time.Since(looked))):
		}
	}
}

// steadily waits until conditions hold for tasks that stay. A task that ended after it had
// fulfilled its condition is replaced by another one, which has shown nothing yet, and may
// have no container, or not be there at all.
func (g *serviceGroup) steadily(ctx context.Context, before map[string]bool, fulfil func() error) error {
	for {
		was, err := g.serving(ctx)
		if err == nil {
			err = fulfil()
		}
		var early *notYet
		if errors.As(err, &early) || err == nil {
			err = g.converge(ctx, before, false)
		}
		if early != nil && err == nil { // the swarm may take its time
			select {
			case <-ctx.Done():
				err = fmt.Errorf("%w: %w", early, ctx.Err())
			case <-time.After(lookAgain):
			}
		}
		if err != nil {
			return err
		}
		is, err := g.serving(ctx)
		if err != nil || early == nil && slices.Equal(was, is) {
			return err
		}
	}
}

// serving returns the ids of the tasks that run and are to go on.
func (g *serviceGroup) serving(ctx context.Context) ([]string, error) {
	_, tasks, err := g.ask(ctx)
	var ids []string
	for _, t := range converge.Serving(tasks) {
		ids = append(ids, t.ID)
	}
	slices.Sort(ids)
	return ids, err
}

// look has package converge judge what was just seen, and returns what the services are doing
// that are not done.
func (g *serviceGroup) look(ctx context.Context, way *converge.Convergence, services []engine.Service, tasks []engine.Task, pulls *nodePulls) (doing []string, err error) {
	nodes, now := g.follower.known(), time.Now()
	seen := converge.Seen{
		At: now, Services: services, Tasks: tasks, Nodes: map[string]engine.Node{},
		Container: func(id string) (engine.State, bool) {
			c := g.follower.containers.Get(id)
			if c == nil {
				return engine.State{}, false
			}
			state, err := c.Follower.State(ctx)
			return state, err == nil
		},
		Starting:  g.follower.isStarting,
		Unpulled:  func(s engine.Service) *converge.Fault { return pulls.fail(s, tasks, nodes, now) },
		StillRuns: func(s engine.Service) bool { return g.stillRuns(ctx, s, tasks) },
	}
	for id, n := range nodes {
		seen.Nodes[id] = n.Node
	}
	doing, failed, why := way.Look(seen)
	if why != nil {
		hint := ""
		if why.Task.Started { // what ended may have looked for others
			hint = g.unfound(services)
		} else if n := nodes[why.Task.Node]; n != nil {
			hint = imageElsewhere(ctx, failed.Image, n, nodes)
		}
		return nil, g.taskError(ctx, failed, why, hint)
	}
	return doing, nil
}

// listened returns the ports of services by their ids on which servers can be seen to listen.
func listened(services []engine.Service, awaited func(engine.Service) bool) map[string][]int {
	ports := map[string][]int{}
	for _, s := range services {
		for _, p := range s.Ports {
			if p.Protocol == "tcp" && awaited(s) {
				ports[s.ID] = append(ports[s.ID], p.Target)
			}
		}
	}
	return ports
}

// listening waits until servers listen on the ports that services publish. For a service with
// a condition, the condition says when it can be used.
func (g *serviceGroup) listening(ctx context.Context, ready map[string]wait.Condition) error {
	services, tasks, err := g.ask(ctx)
	if err != nil {
		return err
	}
	var all []engine.Task
	published := listened(services, func(s engine.Service) bool { return ready[g.role(s.Name)] == nil })
	for _, t := range converge.Serving(tasks) {
		if len(published[t.Service]) > 0 && g.follower.containers.Get(t.Container) != nil {
			all = append(all, t)
		}
	}
	return parallel.First(all, func(t engine.Task) error {
		return container.AwaitListening(ctx, g.session, g.follower.containers.Get(t.Container), published[t.Service]...)
	})
}

// stillRuns reports whether the engines say the same of the tasks that run. What the
// managers know of them may be old, and so what events told: the one of a program's
// end comes when all is cleared up after it. Who asks waits for that.
func (g *serviceGroup) stillRuns(ctx context.Context, s engine.Service, tasks []engine.Task) bool {
	errEnded := errors.New("ended")
	return parallel.Do(converge.Serving(tasks), func(t engine.Task) error {
		c := g.follower.containers.Get(t.Container)
		if c == nil || t.Service != s.ID {
			return nil
		}
		if is, err := c.Engine.Inspect(ctx, c.ID); err == nil && wait.State(engine.StateOf(is)).Ended() {
			return errEnded
		}
		return nil
	}) == nil
}

// late says what was not done when time was up.
func (g *serviceGroup) late(ctx context.Context, doing []string, given time.Duration) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	what := strings.Join(doing, "; ")
	if what == "" {
		what = "the swarm's managers gave no answer"
	}
	return fmt.Errorf("not within %v%s: %s%w", given, report.By(ctx), what, report.Silent(context.DeadlineExceeded))
}
