// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// Changes are what an update did, by the names of the containers: web, web-2.
type Changes struct {
	Created   []string // that had no container before
	Recreated []string // that have another one now
	Kept      []string // that have the same
	Removed   []string // that are not in the files any more
}

// String says what the update did, for the time line.
func (c *Changes) String() string {
	var said []string
	for _, one := range []struct {
		what  string
		names []string
	}{{"created", c.Created}, {"recreated", c.Recreated}, {"kept", c.Kept}, {"removed", c.Removed}} {
		if len(one.names) > 0 {
			said = append(said, one.what+" "+strings.Join(one.names, ", "))
		}
	}
	return strings.Join(said, "; ")
}

// prepare makes a revision for a spec, provides what it needs, and makes it the one that the
// project runs as. The caller is acting.
func (p *Project) prepare(ctx context.Context, s spec.Project, say session.Progress) (*revision, error) {
	plan, err := PlanWith(ctx, p.Session, s, tailor.Options{EnvFiles: p.options.EnvFiles})
	if err != nil {
		return nil, err
	}
	s = plan.Spec
	if p.options.Adjust != nil {
		p.options.Adjust(plan)
	}
	if err := preflight(ctx, p.Session, s, plan); err != nil {
		return nil, err
	}
	was, next := p.current(), p.revise(s, plan)
	p.ran.add(next.compose)
	if err := p.compare(was, next).checkVolumes(ctx); err != nil {
		return nil, err
	}
	if err := next.prepare(ctx, was, say); err != nil {
		return nil, err
	}
	p.setRevision(next)
	return next, nil
}

// compared says what became of the containers at each place, by their ids.
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

// Update makes the project what another spec says.
func (p *Project) Update(ctx context.Context, s spec.Project, say session.Progress) (changes *Changes, err error) {
	err = p.act(ctx, "updating", func(ctx context.Context, was *revision) (err error) {
		before := p.containers.idsByPlace()
		next, err := p.prepare(ctx, s, say)
		if err != nil {
			return err
		}
		change := p.compare(was, next)
		networks, err := change.networks(ctx)
		if err != nil {
			return err
		}
		outsides, err := change.outsides(ctx, networks)
		if err != nil {
			return err
		}
		if err := next.shrink(ctx); err != nil {
			return err
		}
		services := next.wanted()
		err = next.up(ctx, services, slices.Concat([]string{"--remove-orphans"}, next.scales(services), p.options.Services)...)
		if err = errors.Join(err, p.remains.removeUnused(ctx)); err != nil {
			return next.findCause(ctx, err)
		}
		if err := errors.Join(change.noteNetworks(ctx, networks), change.warnOfLosses(ctx, networks, outsides)); err != nil {
			return err
		}
		changes = compared(before, p.containers.idsByPlace())
		p.Session.Artifacts.Note("project %s updated: %s", p.Name, changes)
		if p.options.NoWait {
			return nil
		}
		return next.await(ctx, p.containers.of(services...))
	})
	return changes, err
}

// AddProfiles switches on more profiles, and waits until what is in them is ready.
func (p *Project) AddProfiles(ctx context.Context, profiles []string, say session.Progress) error {
	return p.act(ctx, "adding profiles to", func(ctx context.Context, was *revision) error {
		s := was.spec
		s.Profiles = slices.Concat(was.spec.Profiles, profiles)
		next, err := p.prepare(ctx, s, say)
		if err != nil {
			return err
		}
		var added []string
		for _, s := range planned.Services(next.plan) {
			if !slices.Contains(planned.Services(was.plan), s) {
				added = append(added, s)
			}
		}
		if len(added) == 0 {
			return errors.New("they switch on no service that is off")
		}
		needed := planned.WithNeeds(next.plan, added)
		err = next.up(ctx, needed, slices.Concat([]string{"--no-recreate"}, next.scales(needed), added)...)
		if err != nil {
			return next.findCause(ctx, err)
		}
		return next.await(ctx, p.containers.of(added...))
	})
}
