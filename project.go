// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// A Project is a Compose project that a test started. All of it is removed at the
// end of that test: containers, networks and volumes; what the files build stays for
// the next run, as with [Build]. Its methods take the test that asks, which may be a
// subtest. They are safe for concurrent use; those that change the project wait for
// each other.
type Project struct {
	// Name is the name of the project on the engine, unique to it.
	Name string

	project *compose.Project
}

// Up starts a Compose project from the files as they are shipped, waits until
// every service is ready, and fails the test if one cannot become ready. Copies of
// a project run side by side: an override changes whatever would collide, as the
// plan explains (see [Project.Plan]); tests still use the names and numbers of the
// files.
//
// When a service counts as ready is documented at spec.Project.Ready. With go test
// -v the log shows the progress of the containers if that takes longer than three
// seconds. Ports and address ranges that must be known before the start are leased:
// no other user of the engine gets them. Directories and files of the checkout that
// containers may write to are copied into volumes for the run; [Container.CopyOut]
// reads what was written there.
func Up(t T, s spec.Project) *Project {
	t.Helper()
	return standard.Up(t, s)
}

// Up is the function [Up], on this engine.
func (e *Engine) Up(t T, s spec.Project) *Project {
	t.Helper()
	return tell(t, e.of(), s.TimeLimit, compose.UpLimit+ownLimits(t, s.Ready), func(ctx context.Context, sess *session.Session, say session.Progress) (*Project, error) {
		p, err := compose.Up(ctx, sess, s, say)
		if err != nil {
			return nil, err
		}
		return projectOf(p), nil
	})
}

// projectOf returns the handle of a project: the same one each time.
func projectOf(p *compose.Project) *Project {
	return p.Handle(func() any { return &Project{Name: p.Name, project: p} }).(*Project)
}

// Plan returns what was changed in the project so that it runs isolated, and why, for
// people to read: a line for each change. See package tailor.
func (p *Project) Plan() string {
	return p.project.Plan()
}

// Service returns the container of a service, by the service's name in the
// file. If there are replicas it is the first one. An update may replace the
// container, so ask again afterwards.
func (p *Project) Service(t T, name string) *Container {
	t.Helper()
	return p.Replicas(t, name)[0]
}

// Replicas returns the containers of a service, in the order of their numbers.
// The test fails if there is none.
func (p *Project) Replicas(t T, name string) []*Container {
	t.Helper()
	found, err := p.project.Services().Replicas(name)
	if err != nil {
		fail(t, err)
	}
	return containersOf(found)
}

// Running lists what a project has on the engine, or a stack in the swarm, by the names
// in its files.
type Running struct {
	Containers []RunningContainer
	Networks   []RunningObject
	Volumes    []RunningObject
}

// A RunningContainer is a container of a project or stack, whatever its state.
type RunningContainer struct {
	Service string
	Number  int    // of the replica, from 1; 0 if [Project.Run] made it; in a stack the slot
	Name    string // on the engine: for docker exec in a script
	ID      string
	State   string // running, exited, …
	Node    string // in a stack: the host name of its node
}

// A RunningObject is a network or volume of a project or stack.
type RunningObject struct {
	Key    string // in the files; for the copy of a directory, its path in the project's directory
	Name   string // on the engine
	ID     string // empty for a volume
	Driver string
	Node   string // for a volume of a stack: the host name of its node
}

// String lists all of them, one a line, for the log of a test.
func (r *Running) String() string {
	var b strings.Builder
	line := func(kind, name, of, node string) {
		if node != "" {
			node = " on " + node
		}
		fmt.Fprintf(&b, "%s %s%s: %s\n", kind, name, node, of)
	}
	for _, c := range r.Containers {
		line("container", fmt.Sprintf("%s %d", c.Service, c.Number), c.State+", "+c.Name, c.Node)
	}
	for _, n := range r.Networks {
		line("network", n.Key, n.Name, n.Node)
	}
	for _, v := range r.Volumes {
		line("volume", v.Key, v.Name, v.Node)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// Running asks the engine for the objects that have the project's labels. Anonymous
// volumes are not among them.
func (p *Project) Running(t T) *Running {
	t.Helper()
	return runningOf(ask(t, p.project.Running))
}

func runningOf(found *container.Running) *Running {
	r := &Running{}
	for _, c := range found.Containers {
		r.Containers = append(r.Containers, RunningContainer(c))
	}
	for _, n := range found.Networks {
		r.Networks = append(r.Networks, RunningObject(n))
	}
	for _, v := range found.Volumes {
		r.Volumes = append(r.Volumes, RunningObject(v))
	}
	return r
}

// Network returns the name that a network of the project has on the engine, by its
// key in the files: for spec.Project.Networks, by which another project joins it,
// or for containers of the test.
//
//	proxy := seatrial.Up(t, spec.Project{Files: []string{"proxy/compose.yaml"}})
//	app := seatrial.Up(t, spec.Project{
//		Files:    []string{"compose.yaml"},
//		Networks: map[string]string{"proxy": proxy.Network(t, "default")}, // external there
//	})
func (p *Project) Network(t T, key string) string {
	t.Helper()
	return ask(t, func(ctx context.Context) (string, error) { return p.project.Network(ctx, key) })
}

// Volume returns the name that a volume of the project has on the engine, by its
// key in the files.
func (p *Project) Volume(t T, key string) string {
	t.Helper()
	return ask(t, func(ctx context.Context) (string, error) { return p.project.Volume(ctx, key) })
}

// Run runs a service of the project once more, in a new container, to its end, as
// docker compose run does, and returns its exit code and output. The command is the
// spec's, or else the service's own. Run does not start or wait for the services
// that it depends on; the service itself may be in a profile that is off. The test
// fails if the exit code is not 0, or not one of spec.Exec.ExitCodes. The log is
// among the artifacts.
//
//	app.Run(t, "migrate", spec.Exec{Command: []string{"/migrate", "down", "1"}})
func (p *Project) Run(t T, service string, x spec.Exec) *Result {
	t.Helper()
	var r *report.Result
	change(t, p.project.Session, x.TimeLimit, container.ExecLimit, func(ctx context.Context, say session.Progress) (err error) {
		r, err = p.project.Run(ctx, service, x, say)
		return err
	})
	return (*Result)(r)
}

// Stop stops the named services, or all if none is named: those that depend on
// others first, each with its own grace period. Volumes stay, and so do the
// containers with their files.
func (p *Project) Stop(t T, services ...string) {
	t.Helper()
	p.act(t, 0, compose.UpLimit, func(ctx context.Context) error { return p.project.Services().Stop(ctx, services) })
}

// Start starts the named services again, or all if none is named, in the order of
// their dependencies, and waits until they are ready, as [Up] does. Services that
// end by themselves run once more. Published ports may change, unless they are
// leased.
func (p *Project) Start(t T, services ...string) {
	t.Helper()
	p.act(t, 0, compose.UpLimit, func(ctx context.Context) error { return p.project.Services().Start(ctx, services) })
}

// Restart stops the named services, or all if none is named, and starts them again: see
// [Project.Stop] and [Project.Start].
func (p *Project) Restart(t T, services ...string) {
	t.Helper()
	p.act(t, 0, compose.UpLimit, func(ctx context.Context) error { return p.project.Services().Restart(ctx, services) })
}

// Down takes the project down before the end of the test, as docker compose down does:
// services are stopped, each with its grace period, and containers and networks are
// removed. Volumes stay, including the copies of directories, but anonymous volumes are
// removed with their containers. Locks and leased ports become free for others.
// [Project.Up] starts the project again. Handles of the removed containers still return
// their logs, but are of no other use.
func (p *Project) Down(t T) {
	t.Helper()
	p.act(t, 0, compose.UpLimit, func(ctx context.Context) error { return p.project.Down(ctx, true) })
}

// Remove takes the project down as [Project.Down] does, and removes its volumes as
// well. It returns when all of the project is gone.
func (p *Project) Remove(t T) {
	t.Helper()
	p.act(t, 0, compose.UpLimit, func(ctx context.Context) error { return p.project.Down(ctx, false) })
}

// Up starts the project again after [Project.Down] or [Project.Remove], in its last
// version, and waits until it is ready, as the function [Up] does. All ports may have
// changed, even leased ones: ask for them anew. If the project is up, Up only waits.
func (p *Project) Up(t T) {
	t.Helper()
	change(t, p.project.Session, 0, compose.UpLimit, func(ctx context.Context, say session.Progress) error { return p.project.Up(ctx, say) })
}

// Scale changes the number of containers of a service, waits until they are ready,
// and returns them. Updates keep the number. A service whose host port is leased
// can have one container only. If the files fix fewer host ports than there are
// replicas, so that plain docker compose could not scale the service, a warning in
// the test's log says so.
func (p *Project) Scale(t T, service string, replicas int) []*Container {
	t.Helper()
	var all []*container.Container
	p.act(t, 0, compose.UpLimit, func(ctx context.Context) (err error) {
		all, err = p.project.Services().Scale(ctx, service, replicas)
		return err
	})
	if warning := p.project.Services().Beyond(service, replicas); warning != "" {
		t.Logf("warning: %s", warning)
	}
	return containersOf(all)
}

// Changes lists what an update did to containers, by their names: web, web-2.
type Changes struct {
	Created   []string // new containers
	Recreated []string // replaced by new containers
	Kept      []string // left as they were
	Removed   []string // no longer in the files
}

// Update changes the running project to another spec: other images, other files,
// other variables or profiles. Data is kept: volumes, also anonymous ones, and the
// copies of directories and files that containers may write to. Such a copy is
// known by its path in the project's directory; what the next version ships there
// is not copied again. Compose recreates the containers whose configuration has
// changed, and removes those whose services are no longer in the files; the result
// says which. If Compose makes a network anew and keeps the containers in it, they
// may lose names or ports; a warning in the test's log says so.
//
// Update returns when all services are ready, as [Up] does, and fails the test if one
// cannot become ready. It also fails if the files give a volume other options,
// because the volume would have to be made anew, without its data. A failed update is
// not undone; another update may lead back.
//
// Handles of recreated containers are of no use any more: [Project.Service] returns
// the new ones. Leased ports stay the same.
//
//	v1 := seatrial.Up(t, shop)
//	…
//	shop.Images["example/shop:1"] = next.Ref
//	changes := app.Update(t, shop)
func (p *Project) Update(t T, s spec.Project) *Changes {
	t.Helper()
	var changes *compose.Changes
	change(t, p.project.Session, s.TimeLimit, compose.UpLimit+ownLimits(t, s.Ready), func(ctx context.Context, say session.Progress) (err error) {
		changes, err = p.project.Update(ctx, s, say)
		return err
	})
	return (*Changes)(changes)
}

// AddProfiles switches on more profiles, starts the services in them, and waits
// until these are ready. Containers that run are left alone.
func (p *Project) AddProfiles(t T, profiles ...string) {
	t.Helper()
	change(t, p.project.Session, 0, compose.UpLimit, func(ctx context.Context, say session.Progress) error {
		return p.project.AddProfiles(ctx, profiles, say)
	})
}

// act does something with the project, and fails the test if that fails.
func (p *Project) act(t T, most, standard time.Duration, f func(context.Context) error) {
	t.Helper()
	change(t, p.project.Session, most, standard, func(ctx context.Context, _ session.Progress) error { return f(ctx) })
}
