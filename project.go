// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

// A Project is a Compose project that a test started. All of it goes at the end
// of that test: containers, networks, volumes, and the images that the files
// build. Its methods take the test that asks, which may be a subtest. They are
// safe for concurrent use.
type Project struct {
	// Name is the name of the project on the engine, unique to it.
	Name string

	scope       *scope
	files       []string // as the spec has them
	plan        *tailor.Plan
	copies      []byte   // an override that mounts copies, if there are any
	base        []string // arguments that all docker compose commands on it share
	unsubscribe func()   // ends the subscription to events

	mu         sync.Mutex
	containers map[string]*Container // by id
	places     map[*Container]place
	ended      bool // no more containers are followed
	unsure     bool // docker compose was cut off: the engine may still be creating
}

// place is what a container is in its project.
type place struct {
	service string
	number  int // of the replica, from 1; 0 for a one-off
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

func (sc *scope) up(ctx context.Context, s spec.Project) (*Project, error) {
	publish, err := sc.engine.PublishAddress(ctx)
	if err != nil {
		return nil, fmt.Errorf("starting %s: %w", strings.Join(s.Files, ", "), err)
	}
	plan, err := tailor.Compose(ctx, s, tailor.Options{Base: variables(sc.engine.Environ()), HostIP: publish,
		OverrideOnly: true}) // what a plan wants beside it is not done yet
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
		Name: owner.Name(sc.test, "", owner.NewID()), scope: sc, files: s.Files, plan: plan,
		containers: map[string]*Container{}, places: map[*Container]place{},
	}
	sc.own(p)
	if err := p.bring(ctx, s.CopyMounts); err != nil {
		return nil, p.failed(err)
	}
	if p.unsubscribe, err = sc.engine.Subscribe(ctx, p.hear); err != nil {
		return nil, p.failed(err)
	}
	if err := p.compose(ctx, "up", "--detach"); err != nil {
		return nil, p.failed(p.blame(ctx, err))
	}
	if err := p.look(ctx); err != nil {
		return nil, p.failed(err)
	}
	if err := p.ready(ctx, s.Ready); err != nil {
		return nil, p.failed(err)
	}
	sc.dir.Note("project %s ready", p.Name)
	return p, nil
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
	return fmt.Errorf("starting %s: %w", strings.Join(p.files, ", "), err)
}

func checkReady(s spec.Project, plan *tailor.Plan) error {
	var wrong problems
	for _, name := range slices.Sorted(maps.Keys(s.Ready)) {
		if !slices.ContainsFunc(plan.Services, func(s tailor.Service) bool { return s.Name == name }) {
			wrong.add("Ready: no service %q; there are %s", name, serviceNames(plan))
		}
		checkCondition(&wrong, fmt.Sprintf("Ready[%q]", name), s.Ready[name], s.TimeLimit)
	}
	return wrong.err("starting " + strings.Join(s.Files, ", "))
}

func serviceNames(plan *tailor.Plan) string {
	var names []string
	for _, s := range plan.Services {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}

// ready waits until all services are ready, together: the first one that can't
// get there ends it.
func (p *Project) ready(ctx context.Context, more map[string]wait.Condition) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err := first(p.all(), func(c *Container) error {
		if err := wait.Until(ctx, target{c}, wait.Ready()); err != nil {
			cancel()
			return err
		}
		if condition := more[p.place(c).service]; condition != nil {
			if err := wait.Until(ctx, target{c}, condition); err != nil {
				cancel()
				return err
			}
		}
		p.scope.dir.Note("service %s ready", c.Name)
		return nil
	})
	if err != nil {
		return err
	}
	// One that ran when it was looked at may have failed since.
	return p.fallen(ctx)
}

// fallen returns why a service that had been started is not ready, if there is
// such a one.
func (p *Project) fallen(ctx context.Context) error {
	for _, c := range p.all() {
		state, err := c.follower.State(ctx)
		s := wait.State(state)
		failed := (s.Ended() || s.Status == "restarting") && s.ExitCode != 0 || s.Health == "unhealthy"
		if err == nil && failed {
			return wait.Until(ctx, target{c}, wait.Ready())
		}
	}
	return nil
}

// first calls do for all items at once, and returns the error that came first:
// those after it may only be its consequences.
func first[X any](items []X, do func(X) error) error {
	errs := make(chan error, len(items))
	for _, item := range items {
		go func() { errs <- do(item) }()
	}
	var err error
	for range items {
		if e := <-errs; err == nil {
			err = e
		}
	}
	return err
}

// blame finds the service for which docker compose failed, if there is one.
func (p *Project) blame(ctx context.Context, err error) error {
	var cutOff *engine.CutOffError
	if errors.As(err, &cutOff) {
		return p.late(err)
	}
	var command *engine.CommandError
	if !errors.As(err, &command) {
		return err
	}
	_ = p.look(ctx) // those that are known will do
	if why := p.fallen(ctx); why != nil {
		return fmt.Errorf("%w\n    %w", why, err)
	}
	return fmt.Errorf("%w%s%s", err, quoted(command.Stderr[max(0, len(command.Stderr)-12):]), p.warnings())
}

// warnings repeats what tailoring warned of: it may be the reason.
func (p *Project) warnings() string {
	var b strings.Builder
	for _, f := range p.plan.Findings {
		if f.Severity == tailor.Warning {
			b.WriteString("\n    " + strings.ReplaceAll(f.String(), "\n", "\n    "))
		}
	}
	return b.String()
}

// late says which services were not ready when time was up.
func (p *Project) late(err error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var states []string
	last := ""
	for _, c := range p.all() {
		state, failed := c.follower.State(ctx)
		s := wait.State(state)
		if failed != nil || s.Ended() && s.ExitCode == 0 || s.Status == "running" && (s.Health == "" || s.Health == "healthy") {
			continue
		}
		states = append(states, c.Name+" is "+s.String())
		if s.Status != "created" && last == "" {
			last = c.lastLines()
		}
	}
	if len(states) == 0 {
		return err
	}
	return fmt.Errorf("%w; %s%s", err, strings.Join(states, ", "), last)
}

// hear is called for every event of the engine, in order.
func (p *Project) hear(e engine.Event) {
	if e.Labels[composeProject] == p.Name && e.Action == "create" {
		p.follow(e.ID, e.Labels)
	}
}

// look follows the containers whose creation was not heard of.
func (p *Project) look(ctx context.Context) error {
	list, err := p.scope.engine.Containers(ctx, composeProject, p.Name)
	if err != nil {
		return err
	}
	for _, o := range list {
		p.follow(o.ID, o.Labels)
	}
	return nil
}

func (p *Project) follow(id string, labels map[string]string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || p.containers[id] != nil {
		return
	}
	at := place{service: labels[composeService]}
	at.number, _ = strconv.Atoi(labels[composeNumber])
	name := at.service
	if strings.EqualFold(labels[composeOneoff], "true") {
		at.number, name = 0, name+"-run"
	} else if at.number > 1 {
		name += "-" + strconv.Itoa(at.number)
	}
	c := &Container{Name: name, ID: id, on: p.scope.on, engine: p.scope.engine, published: p.ports(at.service)}
	if err := c.follow(context.Background()); err != nil {
		// The next look tries again; if it can't either, the log is missing.
		c.close(context.Background())
		p.scope.dir.Note("following %s: %v", name, err)
		return
	}
	p.containers[id], p.places[c] = c, at
	p.scope.dir.Note("container %s created", name)
}

// ports returns the ports as the file publishes them for a service.
func (p *Project) ports(service string) []published { return publishedBy(p.plan, service) }

func publishedBy(plan *tailor.Plan, service string) []published {
	var all []published
	for _, s := range plan.Services {
		if s.Name != service {
			continue
		}
		for _, port := range s.Ports {
			all = append(all, published{port.Published, port.Target, port.Protocol})
		}
	}
	return all
}

// all returns the containers, by name.
func (p *Project) all() []*Container {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.SortedFunc(maps.Values(p.containers), func(a, b *Container) int { return strings.Compare(a.Name, b.Name) })
}

func (p *Project) place(c *Container) place {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.places[c]
}

// Service returns the container of a service, by the service's name in the
// file. If there are replicas it is the first one.
func (p *Project) Service(t T, name string) *Container {
	t.Helper()
	return p.Replicas(t, name)[0]
}

// Replicas returns the containers of a service, in the order of their numbers.
// There is at least one, or the test fails.
func (p *Project) Replicas(t T, name string) []*Container {
	t.Helper()
	var found []*Container
	for _, c := range p.all() {
		if at := p.place(c); at.service == name && at.number > 0 {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		fail(t, fmt.Errorf("looking up service %q of %s: no container; there are services %s", name, strings.Join(p.files, ", "), serviceNames(p.plan)))
	}
	slices.SortFunc(found, func(a, b *Container) int { return p.place(a).number - p.place(b).number })
	return found
}

// Plan tells what was changed in the project so that it runs isolated, and why,
// a line for each: for people to read.
func (p *Project) Plan() string { return p.plan.Text() }

// evidence saves what the engine knows about the project's containers.
func (p *Project) evidence(ctx context.Context, dir *artifact.Dir) error {
	return inParallel(p.all(), func(c *Container) error { return c.evidence(ctx, dir) })
}
