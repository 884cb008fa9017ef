// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/lease"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// A Project is a Compose project that a test started. All of it goes at the end
// of that test: containers, networks, volumes, and the images that the files
// build. Its methods take the test that asks, which may be a subtest. They are
// safe for concurrent use.
type Project struct {
	// Name is the name of the project on the engine, unique to it.
	Name string

	scope       *scope
	spec        spec.Project
	plan        *tailor.Plan
	leased      *leased           // numbers; nil if there are none
	values      map[string]string // of the variables that stand for what is leased
	images      []byte            // an override that runs what was built, if anything was
	copies      []byte            // an override that mounts copies, if there are any
	base        []string          // arguments that all docker compose commands on it share
	unsubscribe func()            // ends the subscription to events

	mu         sync.Mutex
	containers map[string]*Container // by id
	places     map[*Container]place
	ended      bool // no more containers are followed
	unsure     bool // docker compose was cut off: the engine may still be creating
}

// Labels that Compose puts on what it makes.
// https://github.com/docker/compose/blob/main/pkg/api/labels.go
const (
	composeProject = "com.docker.compose.project"
	composeService = "com.docker.compose.service"
	composeNumber  = "com.docker.compose.container-number"
	composeOneoff  = "com.docker.compose.oneoff"
)

const upLimit = 10 * time.Minute

// Up starts a Compose project from the files as they are shipped, waits until
// every service is ready, and fails the test if one cannot get there. Copies of
// a project run side by side: what would collide is changed by an override that
// the plan explains (see [Project.Plan]), and looked up afterwards by the names
// and numbers that the files use.
//
// What is ready is said at spec.Project.Ready.
func Up(t T, s spec.Project) *Project {
	t.Helper()
	return standard.Up(t, s)
}

func (sc *scope) up(ctx context.Context, s spec.Project, say progress) (*Project, error) {
	publish, err := sc.engine.PublishAddress(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	plan, err := tailor.Compose(ctx, s, tailor.Options{Base: variables(sc.engine.Environ()), HostIP: publish})
	if err != nil {
		return nil, err
	}
	if err := checkReady(s, plan); err != nil {
		return nil, err
	}
	if err := sc.engine.Compose(); err != nil {
		return nil, err
	}
	if err := sc.lacks(ctx, s, plan); err != nil {
		return nil, fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	p := &Project{
		Name: owner.Name(sc.test, "", owner.NewID()), scope: sc, spec: s, plan: plan,
		containers: map[string]*Container{}, places: map[*Container]place{},
	}
	sc.own(p)
	if err := p.launch(ctx, say); err != nil {
		return nil, p.failed(err)
	}
	if err := p.ready(ctx, s.Ready); err != nil {
		return nil, p.failed(err)
	}
	sc.dir.Note("project %s ready", p.Name)
	return p, nil
}

// launches bounds how often a project is started whose ports somebody takes who
// asks nobody.
const launches = 3

// launch leases, copies and starts what the plan has.
func (p *Project) launch(ctx context.Context, say progress) (err error) {
	if err := p.scope.lock(ctx, p.plan.Leases.Locks, say); err != nil {
		return err
	}
	if err := p.build(ctx, say); err != nil {
		return err
	}
	if p.unsubscribe, err = p.scope.engine.Subscribe(ctx, p.hear); err != nil {
		return err
	}
	var taken []lease.Item
	for attempt := 1; ; attempt++ {
		if p.leased, p.values, err = p.scope.leaseNumbers(ctx, p.plan.Leases, taken); err != nil {
			return err
		}
		if err := p.bring(ctx); err != nil {
			return err
		}
		err := p.compose(ctx, "up", "--detach")
		if err == nil {
			return p.look(ctx)
		}
		err = p.blame(ctx, err)
		now, failed := p.stolen(ctx)
		if len(now) == 0 || failed != nil || ctx.Err() != nil {
			return err
		}
		if attempt == launches {
			return fmt.Errorf("%v was taken by others than this project, for the %d. time: %w", now, launches, err)
		}
		p.scope.dir.Note("%v was taken by others meanwhile: starting again", now)
		taken = append(taken, now...)
		if err := p.restart(ctx); err != nil {
			return err
		}
	}
}

// restart removes what there is of the project, so that it can be started anew.
func (p *Project) restart(ctx context.Context) error {
	if _, err := p.sweep(ctx); err != nil {
		return err
	}
	p.mu.Lock()
	p.containers, p.places = map[string]*Container{}, map[*Container]place{}
	p.mu.Unlock()
	return p.leased.remove(ctx)
}

// variables makes a map of KEY=value.
func variables(environ []string) map[string]string {
	all := map[string]string{}
	for _, one := range environ {
		key, value, _ := strings.Cut(one, "=")
		all[key] = value
	}
	return all
}

func (p *Project) failed(err error) error {
	return fmt.Errorf("starting %s: %w", strings.Join(p.spec.Files, ", "), err)
}

// Plan tells what was changed in the project so that it runs isolated, and why,
// a line for each: for people to read.
func (p *Project) Plan() string { return p.plan.Text() }

// evidence saves what the engine knows about the project's containers.
func (p *Project) evidence(ctx context.Context, dir *artifact.Dir) error {
	return inParallel(p.all(), func(c *Container) error { return c.evidence(ctx, dir) })
}
