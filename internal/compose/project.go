// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/lease"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

// A Project is a Compose project on an engine: one that was started here, or was found.
type Project struct {
	Common bool // processes share it: it stays as it is

	*parts
	resources []*session.Resource

	naming sync.Once
	handle any

	acting sync.Mutex // held by who changes the project

	mu       sync.Mutex
	revision *revision // what it runs as: changed with both locks
}

// UpLimit bounds Up, and what takes as long.
const UpLimit = 10 * time.Minute

// Up starts a project, and waits until it is ready.
func Up(ctx context.Context, sess *session.Session, s spec.Project, say session.Progress) (*Project, error) {
	plan, err := Plan(ctx, sess, s, nil)
	if err != nil {
		return nil, err
	}
	p := New(sess, owner.Name(sess.Test, "", owner.NewID()), plan.Spec, plan)
	defer say.Every(ctx, func(ctx context.Context) string { return howFar(ctx, p) })()
	return Start(ctx, p, say)
}

// howFar says how far the containers are.
func howFar(ctx context.Context, p *Project) string {
	var words []string
	for _, c := range p.All() {
		state, err := c.Follower.State(ctx)
		if err != nil {
			continue
		}
		words = append(words, c.Name+" "+wait.State(state).String())
	}
	if len(words) == 0 {
		return ""
	}
	return fmt.Sprintf("starting %s: %s", p.current().files(), strings.Join(words, "; ")) // a state may have a comma
}

// UpAs is Up, with a name for the project on the engine.
func UpAs(ctx context.Context, sess *session.Session, name string, s spec.Project, say session.Progress) (*Project, error) {
	plan, err := Plan(ctx, sess, s, nil)
	if err != nil {
		return nil, err
	}
	return Start(ctx, New(sess, name, plan.Spec, plan), say)
}

// UpPlan is Up, with a plan that was made before.
func UpPlan(ctx context.Context, sess *session.Session, plan *tailor.Plan, say session.Progress) (*Project, error) {
	return Start(ctx, New(sess, owner.Name(sess.Test, "", owner.NewID()), plan.Spec, plan), say)
}

// New returns a project of which nothing exists yet.
func New(sess *session.Session, name string, s spec.Project, plan *tailor.Plan) *Project {
	p := &Project{parts: &parts{
		Session: sess, Name: name, leases: &lease.Holding{Session: sess}, scaled: map[string]int{},
		copies: &copyVolumes{session: sess, project: name, of: map[string]*copyVolume{}},
	}}
	p.reach = container.NewReach(sess, "project")
	p.containers = &containers{session: sess, project: name, known: p.known}
	p.remains = &remains{session: sess, project: name, containers: p.containers}
	p.revision = p.revise(s, plan)
	p.ran.add(p.revision.compose)
	return p
}

// known is what the files say of the containers of a service.
func (p *Project) known(service string) container.Known {
	return container.Known{
		On: p.Session.On, Engine: p.Session.Engine,
		Published: func() []container.Published { return planned.Ports(p.current().plan, service) },
		Others: func(ctx context.Context, c *container.Container) bool {
			return othersWork(ctx, p.containers, p.current().spec.Ready, c)
		},
	}
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
		sess.Track(session.Resource{Evidence: p.Evidence, Fates: p.Fates, Remove: p.remains.removeContainers, Enter: p.containers.enter, Detach: p.Detach, Handle: p}),
		sess.Track(session.Resource{Remove: p.remains.removeRest, UsedByOthers: true}),
	}
	err := p.revision.start(ctx, say)
	if err == nil && p.options.NoWait {
		return p, nil
	}
	if err == nil {
		err = p.revision.await(ctx, p.All())
	}
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	p.containers.settled.Store(true)
	sess.Artifacts.Note("project %s ready", p.Name)
	return p, nil
}

// Has reports whether a resource belongs to the project, and goes with it.
func (p *Project) Has(r *session.Resource) bool {
	_, isLease := r.Handle.(*lease.Lease)
	return isLease || slices.Contains(p.resources, r)
}

// Fates says what became of the project's containers since they were ready: a request that
// was refused does not tell.
func (p *Project) Fates(ctx context.Context, passed bool) []string {
	return container.Fates(ctx, passed, append(p.containers.lasting(), p.containers.Past()...))
}

// Handle returns what the packages above know the project as, the same each time.
func (p *Project) Handle(make func() any) any {
	p.naming.Do(func() { p.handle = make() })
	return p.handle
}

// Plan tells what was changed in the project so that it runs isolated, a line for each.
func (p *Project) Plan() string { return p.current().plan.Text() }

// Listen hears of the project's containers from now on, and finds those that are there.
func (p *Project) Listen(ctx context.Context) error {
	if err := p.containers.listen(ctx); err != nil {
		return err
	}
	return p.containers.refresh(ctx)
}

// Join waits until a project is ready that others had ready before.
func (p *Project) Join(ctx context.Context) error {
	p.revision.joined = true
	return p.revision.await(ctx, p.All())
}

// CountFine counts the containers that run, or have ended well by themselves: what
// publishes a port is there to stay.
func (p *Project) CountFine(ctx context.Context) (n int) {
	for _, c := range p.All() {
		state, err := c.Follower.State(ctx)
		s := wait.State(state)
		if err == nil && (s.Status == "running" || s.Ended() && s.ExitCode == 0 && len(c.Ports().File()) == 0) {
			n++
		}
	}
	return n
}

// All returns the containers, by name.
func (p *Project) All() []*container.Container { return p.containers.All() }

// Detach leaves the project to people: its containers are no longer followed.
func (p *Project) Detach() {
	p.containers.stopListening()
	p.containers.Detach()
}

// setRevision makes a revision the one that the project runs as. The caller is acting.
func (p *Project) setRevision(e *revision) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.revision = e
}

// current returns what the project runs as.
func (p *Project) current() *revision {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.revision
}
