// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"time"

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// A Project is a Compose project that a test started. All of it goes at the end
// of that test: containers, networks, volumes, and the images that the files
// build. Its methods take the test that asks, which may be a subtest. They are
// safe for concurrent use; those that change the project wait for each other.
type Project struct {
	// Name is the name of the project on the engine, unique to it.
	Name string

	project *compose.Project
}

// Up starts a Compose project from the files as they are shipped, waits until
// every service is ready, and fails the test if one cannot get there. Copies of
// a project run side by side: what would collide is changed by an override that
// the plan explains (see [Project.Plan]), and looked up afterwards by the names
// and numbers that the files use.
//
// What is ready is said at spec.Project.Ready. With go test -v the log says how far the
// containers are, where that takes longer than three seconds. Ports and address ranges that have
// to be known before the start are leased, on the engine, from all who use it.
// Directories and files of the checkout that containers may write to are copied
// into volumes for the run: [Container.CopyOut] shows what was written there.
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

// Plan tells what was changed in the project so that it runs isolated, and why,
// a line for each: for people to read.
func (p *Project) Plan() string {
	return p.project.Plan()
}

// Service returns the container of a service, by the service's name in the
// file. If there are replicas it is the first one. An update may replace it: ask
// again then.
func (p *Project) Service(t T, name string) *Container {
	t.Helper()
	return p.Replicas(t, name)[0]
}

// Replicas returns the containers of a service, in the order of their numbers.
// There is at least one, or the test fails.
func (p *Project) Replicas(t T, name string) []*Container {
	t.Helper()
	found, err := p.project.Services().Replicas(name)
	if err != nil {
		fail(t, err)
	}
	return containersOf(found)
}

// Running is what there is of a project on the engine, or of a stack in the swarm, by the
// names that its files use.
type Running struct {
	Containers []RunningContainer
	Networks   []RunningObject
	Volumes    []RunningObject
}

// A RunningContainer is a container of a project or stack, which need not run.
type RunningContainer struct {
	Service string
	Number  int    // of the replica, from 1; 0 for one of [Project.Run]; of a stack the slot
	Name    string // on the engine: for docker exec in a script
	ID      string
	State   string // running, exited, …
	Node    string // of a stack's: the host name of its node
}

// A RunningObject is a network or volume of a project or stack.
type RunningObject struct {
	Key    string // in the files; for the copy of a directory, its path in the project's directory
	Name   string // on the engine
	ID     string // a volume has none but its name
	Driver string
	Node   string // of a stack's volume: the host name of the node that has it
}

// Running asks the engine what there is of the project, by its labels. Anonymous
// volumes are not among it.
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

// Network returns the name that a network of the project has on the engine, by the
// key that the files have it under: for spec.Project.Networks, which has another
// project join it, or for the containers of the test.
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

// Volume returns the name that a volume of the project has on the engine, by the
// key that the files have it under.
func (p *Project) Volume(t T, key string) string {
	t.Helper()
	return ask(t, func(ctx context.Context) (string, error) { return p.project.Volume(ctx, key) })
}

// Run runs a service of the project once more, in a container of its own, to its
// end, as docker compose run does, and returns what it left: with another command,
// or, if none is given, its own. Services that it depends on are taken as they
// are. One whose profile is off can be run, too. The test fails if the exit code
// is not 0, or not one of spec.Exec.ExitCodes. Its log is among the artifacts.
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

// Stop stops services, or, if none is named, all of them: first those that depend
// on others. Each gets its own grace period. Volumes, and what was written in the
// containers, stay.
func (p *Project) Stop(t T, services ...string) {
	t.Helper()
	p.act(t, 0, compose.UpLimit, func(ctx context.Context) error { return p.project.Services().Stop(ctx, services) })
}

// Start starts services that were stopped, or, if none is named, all of them, in
// the order in which they need each other, and waits until they are ready again,
// as [Up] does. Services that end by themselves run once more. Published ports
// move, unless they are leased.
func (p *Project) Start(t T, services ...string) {
	t.Helper()
	p.act(t, 0, compose.UpLimit, func(ctx context.Context) error { return p.project.Services().Start(ctx, services) })
}

// Restart is Stop and Start.
func (p *Project) Restart(t T, services ...string) {
	t.Helper()
	p.act(t, 0, compose.UpLimit, func(ctx context.Context) error { return p.project.Services().Restart(ctx, services) })
}

// Down takes the project down before the end of the test, as docker compose down does:
// services are stopped, each with its grace period, and containers and networks go.
// Volumes stay, the copies of directories among them, but anonymous ones go with their
// containers. Locks and leased ports are free for others. [Project.Up] starts it again.
// Handles of its containers are of no use any more, but for their logs.
func (p *Project) Down(t T) {
	t.Helper()
	p.act(t, 0, compose.UpLimit, func(ctx context.Context) error { return p.project.Down(ctx, true) })
}

// Remove is Down with the volumes, and returns when all of the project is gone, as
// [Stack.Remove] does for a stack.
func (p *Project) Remove(t T) {
	t.Helper()
	p.act(t, 0, compose.UpLimit, func(ctx context.Context) error { return p.project.Down(ctx, false) })
}

// Up starts the project again after [Project.Down] or [Project.Remove], as it was last,
// and waits until it is ready, as the function [Up] does. Ports may be others, leased
// ones, too: look them up anew. One that is up is waited for.
func (p *Project) Up(t T) {
	t.Helper()
	change(t, p.project.Session, 0, compose.UpLimit, func(ctx context.Context, say session.Progress) error { return p.project.Up(ctx, say) })
}

// Scale changes the number of containers of a service, waits until they are ready,
// and returns them. The number lasts: an update does not change it back. A service
// whose host port is leased can have one container only. If the files fix fewer host
// ports than that, so that nobody else can scale it, the test's log says so.
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
// result tells which. Compose may make a network anew and keep the containers in it:
// what these lose by that, their names or their ports, is a warning in the test's log.
//
// Update returns when all services are ready, as [Up] does, and fails the test if one
// cannot get there, or if the files give a volume other options: it would have to be
// made anew, without its data. What was done stays done then, and another update may
// lead back.
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
	var changes *compose.Changes
	change(t, p.project.Session, s.TimeLimit, compose.UpLimit+ownLimits(t, s.Ready), func(ctx context.Context, say session.Progress) (err error) {
		changes, err = p.project.Update(ctx, s, say)
		return err
	})
	return (*Changes)(changes)
}

// AddProfiles switches on more profiles, starts the services that are in them, and
// waits until these are ready. What runs is left alone.
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
