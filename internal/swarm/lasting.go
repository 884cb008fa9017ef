// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/swarm/converge"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

// A State is what a stack has to remember from one process to the next.
type State struct {
	Values map[string]string // of the variables that stand for what is leased
	Locks  []tailor.Lock
}

// Options are about a stack that outlives the process that starts it.
type Options struct {
	NoWait bool  // it need not become what it is to be
	Was    State // of what an earlier process left running
}

// Lasting returns a stack of a given name, of which nothing exists yet, or what an earlier
// process left running.
func Lasting(sess *session.Session, name string, s spec.Stack, o Options) *Stack {
	k := newStack(sess, name, s)
	k.follower.othersStop = true
	k.noWait, k.values = o.NoWait, maps.Clone(o.Was.Values)
	k.leases.Resume(o.Was.Locks)
	return k
}

// Deploy makes it what the spec says, and waits until it is ready.
func (k *Stack) Deploy(ctx context.Context, s spec.Stack, say session.Progress) error {
	defer say.Every(ctx, k.progress)()
	return k.Update(ctx, s, say)
}

// A Handover passes a stack from one process to the next.
type Handover struct{ k *Stack }

// Handover returns what the next process needs, and takes up with.
func (k *Stack) Handover() Handover { return Handover{k} }

// Attach follows the stack as an earlier process left it running: the spec is that of then.
func (h Handover) Attach(ctx context.Context, s spec.Stack) error {
	nodes, err := awaitNodes(ctx, h.k.session)
	if err != nil {
		return err
	}
	plan, err := h.k.tailor(ctx, s, nodes)
	if err != nil {
		return h.k.failed("deploying", err)
	}
	h.k.revision.Store(&stackRevision{files: s.Files, plan: plan})
	h.k.session.Track(h.k.resource())
	h.k.follower.subscribe(ctx, nodes)
	_, tasks, err := h.k.ask(ctx)
	h.k.noteOver(tasks) // what becomes of the others from now on is news
	return err
}

// State returns what is to be remembered.
func (h Handover) State() State {
	return State{Values: maps.Clone(h.k.values), Locks: h.k.current().plan.Leases.Locks}
}

// Current returns the plan that the stack runs as, or nil before there is one.
func (k *Stack) Current() *tailor.StackPlan { return k.current().plan }

// Containers returns those of the tasks that a service has now.
func (k *Stack) Containers(ctx context.Context, name string) ([]*container.Container, error) {
	s, err := k.Service(ctx, name)
	if err != nil {
		return nil, err
	}
	return s.containers(ctx)
}

func (s *Service) containers(ctx context.Context) (all []*container.Container, err error) {
	is, tasks, err := s.present(ctx)
	if err == nil && len(tasks) == 0 {
		err = noTask(is)
	}
	if err != nil {
		return nil, fmt.Errorf("looking up the tasks of service %s: %w", s.Name, s.group.whyGone(err))
	}
	for _, t := range tasks {
		c, err := t.Container()
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// Await waits for something of all containers of a service. If the swarm starts others in
// their place, it waits for it of those.
func (k *Stack) Await(ctx context.Context, name string, do func([]*container.Container) error) error {
	s, err := k.Service(ctx, name)
	if err != nil {
		return err
	}
	before, err := k.past(ctx)
	if err != nil {
		return err
	}
	for {
		all, err := s.containers(ctx)
		if err == nil {
			err = do(all)
		}
		var early *notYet
		if err == nil || ctx.Err() != nil || !errors.As(err, &early) && !s.replaces(ctx, all) {
			return err
		}
		if err := k.converge(ctx, before, false, s.ID); err != nil {
			return fmt.Errorf("waiting for service %s: %w", name, err)
		}
	}
}

// replaces reports whether the swarm starts others in the place of containers, of which one
// has ended.
func (s *Service) replaces(ctx context.Context, all []*container.Container) bool {
	is, _, err := s.present(ctx)
	if err != nil || converge.IsJob(is.Mode) || is.Restart == "none" {
		return false
	}
	return slices.ContainsFunc(all, func(c *container.Container) bool {
		state, err := c.Follower.State(ctx)
		return err != nil || wait.State(state).Ended()
	})
}

// Meets waits until services meet conditions.
func (k *Stack) Meets(ctx context.Context, ready map[string]wait.Condition) error {
	if len(ready) == 0 {
		return nil
	}
	before, err := k.past(ctx)
	if err != nil {
		return err
	}
	return k.steadily(ctx, before, func() error { return k.fulfils(ctx, ready) })
}

// Restart has the swarm start other tasks in the place of those that services have, or all
// services, and waits until they are what they are to be.
func (k *Stack) Restart(ctx context.Context, names []string) error {
	services, err := k.those(ctx, names)
	if err != nil {
		return fmt.Errorf("restarting %s: %w", strings.Join(k.current().files, ", "), err)
	}
	return parallel.Do(services, func(s *Service) error { return s.Restart(ctx) })
}

// those are services by their names, or all that are there.
func (k *Stack) those(ctx context.Context, names []string) (all []*Service, err error) {
	if len(names) == 0 {
		services, _, err := k.ask(ctx)
		if err != nil {
			return nil, err
		}
		for _, s := range services {
			names = append(names, k.role(s.Name))
		}
		slices.Sort(names)
	}
	for _, name := range names {
		s, err := k.named(ctx, name)
		if errors.Is(err, errTakenAway) {
			err = fmt.Errorf("service %q: %w", name, err)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}
