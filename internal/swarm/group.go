// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
)

// A serviceGroup is the services that one verb made in a swarm, with the containers of
// their tasks on all nodes that can be asked.
type serviceGroup struct {
	session *session.Session
	label   string // of the containers
	value   string
	list    func(context.Context) ([]engine.Service, error)
	role    func(full string) string                // what messages call a service
	file    func(role string) []container.Published // ports as a file publishes them
	room    func(role string) int                   // how many tasks a node takes with the ports of a file; 0 is any number
	allow   []int                                   // exit codes of jobs that are no failure

	owns func(volume engine.Object) bool // whether a volume of ours was made for it

	mu         sync.Mutex
	services   map[string]*Service // by id
	containers map[string]*container.Container
	nodes      map[string]*node // by id
	looked     time.Time        // when these were asked for
	heard      map[string]func()
	starting   map[string]bool   // containers that their engines have not started yet, as far as is known
	modes      map[string]string // by full name
	ended      bool
}

func newServiceGroup(sc *session.Session, label, value string) *serviceGroup {
	return &serviceGroup{session: sc, label: label, value: value, services: map[string]*Service{}, containers: map[string]*container.Container{}, heard: map[string]func(){}, starting: map[string]bool{}, modes: map[string]string{},
		file: func(string) []container.Published { return nil }, room: func(string) int { return 0 }}
}

// Nothing tells of changes of tasks: they are looked at this often, or, where a
// look takes long, half of the time. Nodes change seldom.
const (
	lookAgain   = 50 * time.Millisecond
	nodesAgain  = time.Second
	longestLook = 5 * time.Second
)

// listen finds the nodes, and hears of new containers on those that can be asked.
func (f *serviceGroup) listen(ctx context.Context) error {
	f.mu.Lock()
	fresh := time.Since(f.looked) < nodesAgain
	f.mu.Unlock()
	if fresh {
		return nil
	}
	nodes, err := findNodes(ctx, f.session)
	if err == nil {
		f.subscribe(ctx, nodes)
	}
	return err
}

// subscribe hears of new containers on nodes that were just asked for.
func (f *serviceGroup) subscribe(ctx context.Context, nodes map[string]*node) {
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
		stop, err := n.engine.Subscribe(ctx, func(e engine.Event) { f.onEvent(n, e) })
		if err == nil { // otherwise the next look tries again
			f.heard[n.ID] = stop
		}
	}
}

// engines returns those of the nodes that can be asked.
func (f *serviceGroup) engines() []*engine.Engine {
	f.mu.Lock()
	nodes := f.nodes
	f.mu.Unlock()
	var all []*engine.Engine
	for _, n := range reachable(nodes) {
		all = append(all, n.engine)
	}
	return all
}

// onEvent takes an event of a node's engine.
func (f *serviceGroup) onEvent(n *node, e engine.Event) {
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
func (f *serviceGroup) follow(n *node, id string, labels map[string]string) {
	full := labels[engine.SwarmService]
	mode := f.mode(full)
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended || f.containers[id] != nil {
		return
	}
	role := f.role(full)
	name := role + "." + f.place(mode, labels)
	c, err := container.Follow(f.session, container.Known{
		Name: name, ID: id, On: n.on, Engine: n.engine,
		Published: func() []container.Published { return f.file(role) },
		Ingress:   f.ingress(labels[engine.SwarmServiceID], role),
	})
	if err != nil {
		return
	}
	f.containers[id] = c
	f.session.Artifacts.Note("task %s: container on %s", name, n.Hostname)
}

// mode returns the mode of a service, which stays as it is.
func (f *serviceGroup) mode(full string) string {
	f.mu.Lock()
	mode := f.modes[full]
	f.mu.Unlock()
	if mode != "" {
		return mode
	}
	ctx, cancel := context.WithTimeout(context.Background(), longestLook)
	defer cancel()
	is, err := f.session.Engine.Service(ctx, full)
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
func (f *serviceGroup) place(mode string, labels map[string]string) string {
	at := strings.TrimPrefix(labels[engine.SwarmTask], labels[engine.SwarmService]+".")
	at = strings.TrimSuffix(at, "."+labels[engine.SwarmTaskID])
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

// refresh asks for the services and their tasks, and follows those that nobody told
// of.
func (f *serviceGroup) refresh(ctx context.Context) ([]engine.Service, []engine.Task, error) {
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
			f.services[s.ID] = &Service{Name: f.role(s.Name), ID: s.ID, group: f}
		}
	}
	f.mu.Unlock()
	if len(ids) == 0 {
		return nil, nil, nil
	}
	tasks, err := f.session.Engine.Tasks(ctx, ids...)
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

func (f *serviceGroup) container(id string) *container.Container {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.containers[id]
}
