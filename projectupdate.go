// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// Changes are what an update did, by the names of the containers: web, web-2.
type Changes struct {
	Created   []string // that had no container before
	Recreated []string // that have another one now
	Kept      []string // that have the same
	Removed   []string // that are not in the files any more
}

// Update makes the project what another spec says, in the place of what it is:
// other images, other files, other variables or profiles. Data is kept: volumes,
// anonymous ones too, and the copies of directories and files that containers may
// write to, which are known by their path in the project's directory: what the next
// version ships there is not copied again. Compose recreates the containers that are to be
// different, and removes those of services that are not in the files any more; the
// result tells which. It may make a network anew and keep the containers in it: what
// these lose by that, their names or their ports, is a warning in the test's log. Update returns when all services are ready, as [Up] does, and
// fails the test if one cannot get there, or if the files give a volume other options:
// it would have to be made anew, without its data. What was done stays done then, and
// another update may lead back.
//
// Handles of containers that were recreated are of no use any more: [Project.Service]
// returns the new ones. Leased ports stay the same.
//
//	v1 := seatrial.Up(t, shop)
//	…
//	shop.Images["example/shop:1"] = next.Ref
//	changes := app.Update(t, shop)
func (p *Project) Update(t T, s spec.Project) *Changes {
	t.Helper()
	var changes *Changes
	p.acts(t, "updating", s.TimeLimit, upLimit+ownLimit(t, slices.Collect(maps.Values(s.Ready))...), func(ctx context.Context, _ *revision) (err error) {
		before, was := p.inhabitants(), p.current()
		next, err := p.prepare(ctx, s, session.ProgressOf(t))
		if err != nil {
			return err
		}
		networks, err := next.changedNetworks(ctx, was)
		if err != nil {
			return err
		}
		outsides, err := p.outsides(ctx, networks)
		if err != nil {
			return err
		}
		if err := next.shrink(ctx); err != nil {
			return err
		}
		args := append([]string{"--detach", "--remove-orphans"}, next.scales(next.services())...)
		if err = next.compose(ctx, "up", args...); err == nil {
			err = p.refresh(ctx)
		}
		err = errors.Join(err, p.session.Engine.RemoveUnused(ctx, p.anonymous)) // of mounts that there are no more
		if err != nil {
			return next.findCause(ctx, err)
		}
		if err := errors.Join(next.keptNetworks(ctx, networks), p.warnOfLosses(ctx, networks, outsides)); err != nil {
			return err
		}
		changes = compared(before, p.inhabitants())
		p.session.Artifacts.Note("project %s updated: %+v", p.Name, *changes)
		return next.ready(ctx, p.of(next.services()))
	})
	return changes
}

// AddProfiles switches on more profiles, starts the services that are in them, and
// waits until these are ready. What runs is left alone.
func (p *Project) AddProfiles(t T, profiles ...string) {
	t.Helper()
	p.acts(t, "adding profiles to", 0, upLimit, func(ctx context.Context, e *revision) (err error) {
		var added []string
		next := e.spec
		next.Profiles = slices.Concat(e.spec.Profiles, profiles)
		was := e.services()
		if e, err = p.prepare(ctx, next, session.ProgressOf(t)); err != nil {
			return err
		}
		for _, s := range e.services() {
			if !slices.Contains(was, s) {
				added = append(added, s)
			}
		}
		if len(added) == 0 {
			return errors.New("they switch on no service that is off")
		}
		args := slices.Concat([]string{"--detach", "--no-recreate"}, e.scales(e.withNeeds(added)), added)
		if err = e.compose(ctx, "up", args...); err == nil {
			err = p.refresh(ctx)
		}
		if err != nil {
			return e.findCause(ctx, err)
		}
		return e.ready(ctx, p.of(added))
	})
}

// withNeeds adds what services depend on, and that on others.
func (e *revision) withNeeds(services []string) []string {
	all := slices.Clone(services)
	for i := 0; i < len(all); i++ {
		for _, s := range e.plan.Services {
			if s.Name != all[i] {
				continue
			}
			for _, need := range s.Needs {
				if !slices.Contains(all, need) {
					all = append(all, need)
				}
			}
		}
	}
	return all
}

// prepare makes the revision for a spec, with all that it needs, the one that the
// project runs as. The caller is acting.
func (p *Project) prepare(ctx context.Context, s spec.Project, say session.Progress) (*revision, error) {
	next, err := p.newRevision(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := next.keepsVolumes(ctx, p.current()); err != nil {
		return nil, err
	}
	if err := next.lock(ctx, say); err != nil {
		return nil, err
	}
	if err := next.build(ctx, say); err != nil {
		return nil, err
	}
	if err := next.lease(ctx, p.current(), nil); err != nil {
		return nil, err
	}
	if err := next.mountCopies(ctx); err != nil {
		return nil, err
	}
	p.setRevision(next)
	return next, nil
}

func (e *revision) services() []string {
	var names []string
	for _, s := range e.plan.Services {
		names = append(names, s.Name)
	}
	return names
}

// inhabitants returns the ids of the containers by their place.
func (p *Project) inhabitants() map[place]string {
	all := map[place]string{}
	for _, c := range p.all() {
		if at := p.place(c); at.number > 0 {
			all[at] = c.ID
		}
	}
	return all
}

func compared(before, after map[place]string) *Changes {
	c := &Changes{}
	all := maps.Clone(before)
	maps.Copy(all, after)
	for _, at := range slices.SortedFunc(maps.Keys(all), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.service, b.service), a.number-b.number)
	}) {
		list := &c.Kept
		switch {
		case before[at] == "":
			list = &c.Created
		case after[at] == "":
			list = &c.Removed
		case after[at] != before[at]:
			list = &c.Recreated
		}
		*list = append(*list, at.String())
	}
	return c
}

// shrink removes the containers of services that the revision does not have, and of
// those that are to have fewer. Compose would leave their anonymous volumes, which
// nobody could find then.
func (e *revision) shrink(ctx context.Context) error {
	p := e.p
	if err := p.noteAnonymous(ctx); err != nil {
		return err
	}
	wanted := map[string]int{}
	for _, s := range e.plan.Services {
		wanted[s.Name] = s.Replicas
		if n, ok := p.scaled[s.Name]; ok {
			wanted[s.Name] = n
		}
	}
	var gone []*container.Container
	for _, c := range p.all() {
		at := p.place(c)
		if i := slices.Index(p.replicas(at.service), c); at.number > 0 && i >= wanted[at.service] {
			gone = append(gone, c)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	err := parallel.Do(gone, func(c *container.Container) error {
		return errors.Join(p.session.Engine.Stop(ctx, c.ID), p.session.Engine.Remove(ctx, c.ID))
	})
	return errors.Join(err, p.refresh(ctx))
}

// noteAnonymous notes the anonymous volumes that there are, which Compose takes over
// into containers that it recreates.
func (p *Project) noteAnonymous(ctx context.Context) error {
	for _, c := range p.all() {
		volumes, err := p.session.Engine.Anonymous(ctx, c.ID)
		if err != nil {
			return err
		}
		p.mu.Lock()
		p.anonymous = append(p.anonymous, volumes...)
		p.mu.Unlock()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	slices.Sort(p.anonymous)
	p.anonymous = slices.Compact(p.anonymous)
	return nil
}
