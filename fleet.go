// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/wait"
)

// Labels that swarm puts on the containers of tasks, and docker stack deploy on
// all that a stack has.
const (
	swarmService   = "com.docker.swarm.service.name"
	swarmServiceID = "com.docker.swarm.service.id"
	swarmTask      = "com.docker.swarm.task.name"
	swarmTaskID    = "com.docker.swarm.task.id"
	stackLabel     = "com.docker.stack.namespace"
)

// A fleet is the services that one verb made in a swarm, with the containers of
// their tasks on all nodes that can be asked.
type fleet struct {
	scope *scope
	label string // of the containers
	value string
	list  func(context.Context) ([]engine.Service, error)
	role  func(full string) string      // what messages call a service
	file  func(role string) []published // ports as a file publishes them
	allow []int                         // exit codes of jobs that are no failure

	made func(volume engine.Object) bool // whether a volume of ours was made for it

	mu         sync.Mutex
	services   map[string]*Service // by id
	containers map[string]*Container
	nodes      map[string]*node // by id
	looked     time.Time        // when these were asked for
	heard      map[string]func()
	starting   map[string]bool   // containers that their engines have not started yet, as far as is known
	modes      map[string]string // by full name
	ended      bool
}

func (sc *scope) newFleet(label, value string) *fleet {
	return &fleet{scope: sc, label: label, value: value, services: map[string]*Service{}, containers: map[string]*Container{}, heard: map[string]func(){}, starting: map[string]bool{}, modes: map[string]string{},
		file: func(string) []published { return nil }}
}

// Nothing tells of changes of tasks: they are looked at this often, or, where a
// look takes long, half of the time. Nodes change seldom.
const (
	lookAgain   = 50 * time.Millisecond
	nodesAgain  = time.Second
	longestLook = 5 * time.Second
)

// listen finds the nodes, and hears of new containers on those that can be asked.
func (f *fleet) listen(ctx context.Context) error {
	f.mu.Lock()
	fresh := time.Since(f.looked) < nodesAgain
	f.mu.Unlock()
	if fresh {
		return nil
	}
	nodes, err := f.scope.nodes(ctx)
	if err == nil {
		f.hear(ctx, nodes)
	}
	return err
}

// hear hears of new containers on nodes that were just asked for.
func (f *fleet) hear(ctx context.Context, nodes map[string]*node) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		return
	}
	f.nodes, f.looked = nodes, time.Now()
	for _, n := range reachable(nodes) {
		if f.heard[n.ID] != nil {
			continue
		}
		stop, err := n.engine.Subscribe(ctx, func(e engine.Event) { f.happened(n, e) })
		if err == nil { // otherwise the next look tries again
			f.heard[n.ID] = stop
		}
	}
}

// engines returns those of the nodes that can be asked.
func (f *fleet) engines() []*engine.Engine {
	f.mu.Lock()
	nodes := f.nodes
	f.mu.Unlock()
	var all []*engine.Engine
	for _, n := range reachable(nodes) {
		all = append(all, n.engine)
	}
	return all
}

// happened takes an event of a node's engine.
func (f *fleet) happened(n *node, e engine.Event) {
	created := e.Action == "create" && e.Labels[f.label] == f.value
	f.mu.Lock()
	switch {
	case e.ID == "": // some were lost
		clear(f.starting)
	case created:
		f.starting[e.ID] = true
	default:
		delete(f.starting, e.ID)
	}
	f.mu.Unlock()
	if created {
		f.follow(n, e.ID, e.Labels)
	}
}

// follow follows a container of a task.
func (f *fleet) follow(n *node, id string, labels map[string]string) {
	full := labels[swarmService]
	mode := f.mode(full)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended || f.containers[id] != nil {
		return
	}
	role := f.role(full)
	name := role + "." + f.place(mode, labels)
	c := &Container{Name: name, ID: id, on: n.on, engine: n.engine, mesh: f.mesh(labels[swarmServiceID], role)}
	c.file = func() []published { return f.file(role) }
	err := c.openLogs(f.scope.dir.Dir, [2]string{})
	if err == nil {
		for i := range c.veils { // a service prints what it was given more often than not
			c.veils[i] = f.scope.dir.VeilTo(c.logs[i])
		}
		err = c.follow(context.Background())
	}
	if err != nil {
		c.close(context.Background())
		f.scope.dir.Note("following %s: %v", name, err)
		return
	}
	f.containers[id] = c
	f.scope.dir.Note("task %s: container on %s", name, n.Hostname)
}

// mode returns the mode of a service, which stays as it is.
func (f *fleet) mode(full string) string {
	f.mu.Lock()
	mode := f.modes[full]
	f.mu.Unlock()
	if mode != "" {
		return mode
	}
	ctx, cancel := context.WithTimeout(context.Background(), longestLook)
	defer cancel()
	is, err := f.scope.engine.Service(ctx, full)
	if err != nil {
		return ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.modes[full] = is.Mode
	return is.Mode
}

// place is the number of a task, or, if it is the one of a node, that node's name.
// In the name that swarm gives it the slot 0 is a node, too. The caller has the
// lock.
func (f *fleet) place(mode string, labels map[string]string) string {
	at := strings.TrimPrefix(labels[swarmTask], labels[swarmService]+".")
	at = strings.TrimSuffix(at, "."+labels[swarmTaskID])
	slot, err := strconv.Atoi(at)
	switch n := f.nodes[at]; {
	case mode == engine.ReplicatedJob && err == nil:
		return strconv.Itoa(slot + 1)
	case mode == engine.ReplicatedJob:
		return "1"
	case n != nil:
		return n.Hostname
	}
	return at
}

// look asks for the services and their tasks, and follows those that nobody told
// of.
func (f *fleet) look(ctx context.Context) ([]engine.Service, []engine.Task, error) {
	ctx, cancel := context.WithTimeout(ctx, longestLook)
	defer cancel()
	if err := f.listen(ctx); err != nil {
		return nil, nil, err
	}
	services, err := f.list(ctx)
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	f.mu.Lock()
	for _, s := range services {
		ids = append(ids, s.ID)
		if f.services[s.ID] == nil {
			f.services[s.ID] = &Service{Name: f.role(s.Name), ID: s.ID, fleet: f}
		}
	}
	f.mu.Unlock()
	if len(ids) == 0 {
		return nil, nil, nil
	}
	tasks, err := f.scope.engine.Tasks(ctx, ids...)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range tasks {
		f.mu.Lock()
		n, known := f.nodes[t.Node], f.containers[t.Container] != nil || f.starting[t.Container]
		f.mu.Unlock()
		if t.Container == "" || known || n == nil || n.away() != nil {
			continue
		}
		if is, err := n.engine.Inspect(ctx, t.Container); err == nil {
			f.follow(n, t.Container, is.Config.Labels)
		}
	}
	return services, tasks, nil
}

// converge waits until all services are as is wanted, or those of some ids, or
// one cannot get there.
func (f *fleet) converge(ctx context.Context, before map[string]bool, back bool, ids ...string) error {
	courses := map[string]*course{}
	pulls := newPulls(ctx)
	defer pulls.end()
	began, missed := time.Now(), 0
	var doing []string
	for {
		looked := time.Now()
		services, tasks, err := f.ask(ctx)
		if len(ids) > 0 {
			services = slices.DeleteFunc(services, func(s engine.Service) bool { return !slices.Contains(ids, s.ID) })
		}
		if none := err == nil && len(services) == 0 || engine.IsNotFound(err); !none {
			missed = 0
		} else if missed++; missed == mostMissed {
			return errTakenAway
		}
		if err == nil {
			doing, err = f.judge(ctx, services, tasks, courses, pulls, before, back)
			if err != nil || len(doing) == 0 && len(services) > 0 {
				return err
			}
		} else if ctx.Err() == nil && !engine.IsNotFound(err) {
			return err // a service may go while it is looked at
		}
		select {
		case <-ctx.Done():
			return f.late(ctx, doing, time.Since(began))
		case <-time.After(max(lookAgain, time.Since(looked))):
		}
	}
}

// judge looks at each service, and returns what those do that are not done.
func (f *fleet) judge(ctx context.Context, services []engine.Service, tasks []engine.Task, courses map[string]*course, pulls *pulls, before map[string]bool, back bool) (doing []string, err error) {
	f.mu.Lock()
	nodes := f.nodes
	f.mu.Unlock()
	now := time.Now()
	var busy []*course
	for _, s := range services {
		c := courses[s.ID]
		if c == nil {
			c = newCourse(f.allow)
			c.before, c.back = before, back
			courses[s.ID] = c
		}
		done, what, bad := c.look(s, tasks, nodes, now)
		if bad == nil && !done && s.Update != "updating" && s.Update != "rollback_started" {
			bad = f.unhealthy(ctx, s, tasks, before)
		}
		if bad == nil && !done {
			bad = pulls.fail(s, tasks, nodes, now)
		}
		if bad != nil {
			return nil, f.fault(ctx, s, bad, f.unfound(services))
		}
		if !done {
			busy = append(busy, c)
			doing = append(doing, f.role(s.Name)+": "+what)
		} else {
			c.alone = time.Time{}
		}
	}
	for _, s := range services { // asked when nothing else is lacking
		if len(busy) == 0 && !f.really(ctx, s, tasks) {
			courses[s.ID].steady = time.Time{}
			doing = append(doing, f.role(s.Name)+": a task has just ended")
		}
	}
	for _, c := range busy {
		switch {
		case len(busy) > 1:
			c.alone = time.Time{}
		case c.alone.IsZero():
			c.alone = now
		}
	}
	slices.Sort(doing)
	return doing, nil
}

// really reports whether the engines say the same of the tasks that run. What the
// managers know of them may be old, and so what events told: the one of a program's
// end comes when all is cleared up after it. Who asks waits for that.
func (f *fleet) really(ctx context.Context, s engine.Service, tasks []engine.Task) bool {
	errEnded := errors.New("ended")
	return inParallel(tasks, func(t engine.Task) error {
		c := f.container(t.Container)
		if c == nil || t.Service != s.ID || t.State != "running" || t.Desired != "running" {
			return nil
		}
		if is, err := c.engine.Inspect(ctx, c.ID); err == nil && wait.State(engine.StateOf(is)).Ended() {
			return errEnded
		}
		return nil
	}) == nil
}

// unhealthy finds a task whose container is unhealthy, or was when it ended: the
// swarm ends it, and another one would fare no better. An engine that starts a
// container answers no question about it until that is done, which may take
// seconds: it is not asked before.
func (f *fleet) unhealthy(ctx context.Context, s engine.Service, tasks []engine.Task, before map[string]bool) *fault {
	for _, t := range tasks {
		if !t.Of(s) || before[t.ID] || sentAway(t) {
			continue
		}
		f.mu.Lock()
		c, starting := f.containers[t.Container], f.starting[t.Container]
		f.mu.Unlock()
		if c == nil || starting {
			continue
		}
		if state, err := c.follower.State(ctx); err == nil && state.Health == "unhealthy" {
			said := ""
			if line := wait.Telling(strings.Split(state.HealthOutput, "\n")); line != "" {
				said = ": " + line
			}
			return &fault{task: t, why: "unhealthy" + said}
		}
	}
	return nil
}

// sentAway reports whether the swarm ends a task that did nothing wrong: that its
// health fails on the way says nothing.
func sentAway(t engine.Task) bool {
	return t.State == "shutdown" || t.State != "failed" && (t.Desired == "shutdown" || t.Desired == "remove")
}

func (f *fleet) container(id string) *Container {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.containers[id]
}

// A service may go while it is looked at, because others are deployed in its place;
// one that is not there so often does not come back.
const mostMissed = 20

var errTakenAway = errors.New("it is not in the swarm any more: somebody has removed it")

// late says what was not done when time was up.
func (f *fleet) late(ctx context.Context, doing []string, took time.Duration) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	what := strings.Join(doing, "; ")
	if what == "" {
		what = "the swarm's managers gave no answer"
	}
	return fmt.Errorf("not within %v: %s%w", took.Round(time.Millisecond), what, silent{context.DeadlineExceeded})
}

// A silent error is there for errors.Is, and says nothing.
type silent struct{ error }

func (s silent) Unwrap() error { return s.error }
func (silent) Error() string   { return "" }
