// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"maps"
	"slices"

	ienviron "github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// Options are about a project that outlives the process that starts it.
type Options struct {
	Services    []string           // to be started, with what they need; none is all
	NoWait      bool               // it need not be ready
	EnvFiles    []string           // in the place of .env
	KeepVolumes bool               // those that are there stay, whatever fails
	Adjust      func(*tailor.Plan) // changes each plan that is made for it; nil changes nothing
}

// A State is what a project has to remember from one process to the next.
type State struct {
	Values         map[string]string // of the variables that stand for what is leased
	Leases         tailor.Leases
	VolumeOptions  map[string]tailor.Made
	NetworkOptions map[string]tailor.Made
	Copies         map[string]CopyState // of what the containers may write to
}

// A CopyState is a volume that has a copy.
type CopyState struct {
	Volume string
	Dirs   []string
}

// Lasting returns a project of which nothing exists yet, but perhaps the copies that an
// earlier process made.
func Lasting(sess *session.Session, name string, s spec.Project, plan *tailor.Plan, o Options, copies map[string]CopyState) *Project {
	if o.Adjust != nil {
		o.Adjust(plan)
	}
	p := New(sess, name, s, plan)
	p.containers.othersStop = true
	p.options, p.remains.keepVolumes = o, o.KeepVolumes
	for key, c := range copies {
		p.copies.of[key] = &copyVolume{name: c.Volume, dirs: c.Dirs}
	}
	return p
}

// A Handover passes a project from one process to the next.
type Handover struct{ p *Project }

// Handover returns what the next process needs, and takes up with.
func (p *Project) Handover() Handover { return Handover{p} }

// Resume makes it the project that an earlier process left running, for Update.
func (h Handover) Resume(was State) {
	before := *h.p.revision.plan // as far as an update asks: see prepare
	before.Leases, before.VolumeOptions, before.NetworkOptions = was.Leases, was.VolumeOptions, was.NetworkOptions
	h.p.revision = h.p.revise(h.p.revision.spec, &before)
	h.p.revision.compose.values = was.Values
	h.p.leases.Resume(was.Leases.Locks)
}

// Attach follows the project as an earlier process left it running, and changes it from now on
// with the command line of that: see CommandLine.
func (h Handover) Attach(ctx context.Context, was State, args, environ []string) error {
	h.Resume(was)
	c := h.p.revision.compose
	c.base, c.built = args, ienviron.Map(environ)
	if err := h.p.Listen(ctx); err != nil {
		return err
	}
	for _, s := range h.p.revision.plan.Services { // it may have been scaled
		if n := len(h.p.containers.of(s.Name)); n != s.Replicas {
			h.p.scaled[s.Name] = n
		}
	}
	for _, c := range h.p.All() { // what becomes of them from now on is news
		c.MarkReady(ctx)
	}
	return nil
}

// State returns what is to be remembered.
func (h Handover) State() State {
	r := h.p.current()
	s := State{Values: maps.Clone(r.compose.values), Leases: r.plan.Leases, VolumeOptions: r.plan.VolumeOptions, NetworkOptions: r.plan.NetworkOptions,
		Copies: map[string]CopyState{}}
	for key, c := range h.p.copies.of {
		s.Copies[key] = CopyState{c.name, slices.Clone(c.dirs)}
	}
	return s
}

// Current returns the plan that the project runs as.
func (p *Project) Current() *tailor.Plan { return p.current().plan }

// CommandLine returns the arguments of docker, and the variables, with which it finds the
// project as it runs: those of docker compose follow.
func (h Handover) CommandLine() (args, environ []string) {
	c := h.p.current().compose
	return slices.Clone(c.base), c.environ()
}
