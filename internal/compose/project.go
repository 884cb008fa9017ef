// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/lease"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

// A Project is a Compose project on an engine: one that was started here, or was found.
type Project struct {
	Name    string // on the engine, unique to it
	Session *session.Session
	Common  bool // processes share it: it stays as it is

	options Options

	naming sync.Once
	handle any

	unsubscribe func() // ends the subscription to events
	resources   []*session.Resource

	acting    sync.Mutex             // held by who changes the project
	locked    []string               // names of locks that it has
	leased    []*lease.Lease         // what it has leased
	copies    map[string]*copyVolume // of what the containers may write to, by revision.key
	scaled    map[string]int         // replicas of services that are not as many as in the files
	anonymous []string               // volumes that were noted before something was recreated

	mu         sync.Mutex
	revision   *revision                       // what it runs as: changed with both locks
	containers map[string]*container.Container // by id
	places     map[*container.Container]place
	past       []*container.Container // that were replaced or removed
	ended      bool                   // no more containers are followed
	unsure     bool                   // docker compose was cut off: the engine may still be creating
}

// UpLimit bounds Up, and what takes as long.
const UpLimit = 10 * time.Minute

// NewName mints the name of a project. Tests of this module may replace it.
var NewName = func(test string) string { return owner.Name(test, "", owner.NewID()) }

// Up starts a project, and waits until it is ready.
func Up(ctx context.Context, sess *session.Session, s spec.Project, say session.Progress) (*Project, error) {
	plan, err := Plan(ctx, sess, s, nil)
	if err != nil {
		return nil, err
	}
	return UpPlan(ctx, sess, s, plan, say)
}

// New returns a project of which nothing exists yet.
func New(sess *session.Session, name string, s spec.Project, plan *tailor.Plan) *Project {
	p := &Project{
		Name: name, Session: sess, copies: map[string]*copyVolume{}, scaled: map[string]int{},
		containers: map[string]*container.Container{}, places: map[*container.Container]place{},
	}
	p.revision = &revision{p: p, spec: s, plan: plan}
	return p
}

// UpPlan is Up, with a plan that was made before.
func UpPlan(ctx context.Context, sess *session.Session, s spec.Project, plan *tailor.Plan, say session.Progress) (*Project, error) {
	return Start(ctx, New(sess, NewName(sess.Test), s, plan), say)
}

// Start starts a project of which nothing exists yet, but perhaps its volumes, and waits
// until it is ready.
func Start(ctx context.Context, p *Project, say session.Progress) (*Project, error) {
	sess, s := p.Session, p.revision.spec
	if err := preflight(ctx, sess, s, p.revision.plan); err != nil {
		return nil, err
	}
	p.acting.Lock()
	defer p.acting.Unlock()
	p.resources = []*session.Resource{
		sess.Track(session.Resource{Evidence: p.Evidence, Remove: p.remove, Enter: p.enter, Detach: p.Detach, Handle: p}),
		sess.Track(session.Resource{Remove: p.removeRemains, UsedByOthers: true}),
	}
	if err := p.revision.start(ctx, say); err != nil {
		return nil, p.failed("starting", s, err)
	}
	if p.options.NoWait {
		return p, nil
	}
	if err := p.revision.ready(ctx, p.All()); err != nil {
		return nil, p.failed("starting", s, err)
	}
	sess.Artifacts.Note("project %s ready", p.Name)
	return p, nil
}

// launches bounds how often a project is started whose ports somebody takes who
// asks nobody.
const launches = 3

// start leases, copies and starts what the plan has.
func (r *revision) start(ctx context.Context, say session.Progress) (err error) {
	p := r.p
	if err := r.lock(ctx, say); err != nil {
		return err
	}
	if err := r.build(ctx, say); err != nil {
		return err
	}
	if p.unsubscribe, err = p.Session.Engine.Subscribe(ctx, p.onEvent); err != nil {
		return err
	}
	var taken []lease.Item
	for attempt := 1; ; attempt++ {
		if err := r.lease(ctx, nil, taken); err != nil {
			return err
		}
		if err := r.mountCopies(ctx); err != nil {
			return err
		}
		err := r.compose(ctx, "up", append([]string{"--detach"}, p.options.Services...)...)
		if err == nil {
			return p.refresh(ctx)
		}
		now, failed := r.stolen(ctx)
		err = r.findCause(ctx, err)
		if len(now) == 0 || failed != nil || ctx.Err() != nil {
			return err
		}
		if attempt == launches {
			return fmt.Errorf("%s was taken by others than this project, for the %d. time: %w", items(now), launches, err)
		}
		p.Session.Artifacts.Note("%s was taken by others meanwhile: starting again", items(now))
		taken = append(taken, now...)
		if err := p.restart(ctx); err != nil {
			return err
		}
	}
}

// Has reports whether a resource belongs to the project, and goes with it.
func (p *Project) Has(r *session.Resource) bool {
	_, isLease := r.Handle.(*lease.Lease)
	return isLease || slices.Contains(p.resources, r)
}

func items(all []lease.Item) string {
	var names []string
	for _, item := range all {
		names = append(names, item.String())
	}
	return strings.Join(names, ", ")
}

// restart removes what there is of the project, so that it can be started anew.
func (p *Project) restart(ctx context.Context) error {
	if _, err := p.sweepContainers(ctx); err != nil {
		return err
	}
	if _, err := p.sweepRest(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	p.containers, p.places, p.past = map[string]*container.Container{}, map[*container.Container]place{}, nil
	p.mu.Unlock()
	if !p.options.KeepVolumes {
		clear(p.copies)
	}
	for _, l := range p.leased {
		if err := l.Remove(ctx); err != nil {
			return err
		}
	}
	p.leased = nil
	return nil
}

func (p *Project) failed(doing string, s spec.Project, err error) error {
	return fmt.Errorf("%s %s: %w", doing, strings.Join(s.Files, ", "), err)
}

// files names the files that the project runs as.
func (p *Project) files() string { return strings.Join(p.current().spec.Files, ", ") }

// Evidence saves what the engine knows about the project's containers, and says which
// of them had failed: a request that was refused does not tell.
func (p *Project) Evidence(ctx context.Context, dir *artifact.Dir) error {
	for _, c := range p.lasting() {
		state, err := c.Follower.Fresh(ctx)
		s := wait.State(state)
		if err != nil || s.ExitCode == 0 && s.Health != "unhealthy" || s.Status == "running" && s.Health != "unhealthy" || s.Status == "created" {
			continue
		}
		lines, _ := c.Follower.Tail(1 << 10)
		what := s.String()
		if line := wait.ErrorLine(lines); line != "" {
			what += ": " + line
		}
		p.Session.Say("at the end of the test %s was: %s", c.Name, what)
	}
	return parallel.Do(p.All(), func(c *container.Container) error { return c.Evidence(ctx, dir) })
}

// Handle returns what the packages above know the project as, the same each time.
func (p *Project) Handle(make func() any) any {
	p.naming.Do(func() { p.handle = make() })
	return p.handle
}

// Plan tells what was changed in the project so that it runs isolated, a line for each.
func (p *Project) Plan() string { return p.current().plan.Text() }

// Listen hears of the project's containers from now on, and finds those that are there.
func (p *Project) Listen(ctx context.Context) (err error) {
	if p.unsubscribe, err = p.Session.Engine.Subscribe(ctx, p.onEvent); err != nil {
		return err
	}
	return p.refresh(ctx)
}

// Join waits until a project that others had ready is.
func (p *Project) Join(ctx context.Context) error {
	p.revision.joined = true
	return p.revision.ready(ctx, p.All())
}

// CountFine counts the containers that run, or have ended well by themselves: what
// publishes a port is there to stay.
func (p *Project) CountFine(ctx context.Context) (n int) {
	for _, c := range p.All() {
		state, err := c.Follower.State(ctx)
		s := wait.State(state)
		if err == nil && (s.Status == "running" || s.Ended() && s.ExitCode == 0 && len(c.Ports()) == 0) {
			n++
		}
	}
	return n
}
