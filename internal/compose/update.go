// SPDX-License-Identifier: Apache-2.0

package compose

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

// withNeeds adds what services depend on, and that on others.
func (r *revision) withNeeds(services []string) []string {
	all := slices.Clone(services)
	for i := 0; i < len(all); i++ {
		for _, s := range r.plan.Services {
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

func (r *revision) services() []string {
	var names []string
	for _, s := range r.plan.Services {
		names = append(names, s.Name)
	}
	return names
}

// inhabitants returns the ids of the containers by their place.
func (p *Project) inhabitants() map[place]string {
	all := map[place]string{}
	for _, c := range p.All() {
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
func (r *revision) shrink(ctx context.Context) error {
	p := r.p
	if err := p.noteAnonymous(ctx); err != nil {
		return err
	}
	wanted := map[string]int{}
	for _, s := range r.plan.Services {
		wanted[s.Name] = s.Replicas
		if n, ok := p.scaled[s.Name]; ok {
			wanted[s.Name] = n
		}
	}
	var gone []*container.Container
	for _, c := range p.All() {
		at := p.place(c)
		if i := slices.Index(p.replicas(at.service), c); at.number > 0 && i >= wanted[at.service] {
			gone = append(gone, c)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	err := parallel.Do(gone, func(c *container.Container) error {
		return errors.Join(p.Session.Engine.Stop(ctx, c.ID), p.Session.Engine.Remove(ctx, c.ID))
	})
	return errors.Join(err, p.refresh(ctx))
}

// noteAnonymous notes the anonymous volumes that there are, which Compose takes over
// into containers that it recreates.
func (p *Project) noteAnonymous(ctx context.Context) error {
	for _, c := range p.All() {
		volumes, err := p.Session.Engine.Anonymous(ctx, c.ID)
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

// Update makes the project what another spec says.
func (p *Project) Update(ctx context.Context, s spec.Project, say session.Progress) (changes *Changes, err error) {
	err = p.acts(ctx, "updating", func(ctx context.Context, _ *revision) (err error) {
		before, was := p.inhabitants(), p.current()
		next, err := p.prepare(ctx, s, say)
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
		wanted := next.wanted()
		args := append([]string{"--detach", "--remove-orphans"}, next.scales(wanted)...)
		args = append(args, p.options.Services...)
		if err = next.compose(ctx, "up", args...); err == nil {
			err = p.refresh(ctx)
		}
		err = errors.Join(err, p.Session.Engine.RemoveUnused(ctx, p.anonymous)) // of mounts that there are no more
		if err != nil {
			return next.findCause(ctx, err)
		}
		if err := errors.Join(next.keptNetworks(ctx, networks), p.warnOfLosses(ctx, networks, outsides)); err != nil {
			return err
		}
		changes = compared(before, p.inhabitants())
		p.Session.Artifacts.Note("project %s updated: %+v", p.Name, *changes)
		if p.options.NoWait {
			return nil
		}
		return next.ready(ctx, p.of(wanted))
	})
	return changes, err
}

// wanted are the services that are to be started.
func (r *revision) wanted() []string {
	if len(r.p.options.Services) > 0 {
		return r.withNeeds(r.p.options.Services)
	}
	return r.services()
}

// AddProfiles switches on more profiles, and waits until what is in them is ready.
func (p *Project) AddProfiles(ctx context.Context, profiles []string, say session.Progress) error {
	return p.acts(ctx, "adding profiles to", func(ctx context.Context, e *revision) (err error) {
		var added []string
		next := e.spec
		next.Profiles = slices.Concat(e.spec.Profiles, profiles)
		was := e.services()
		if e, err = p.prepare(ctx, next, say); err != nil {
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
