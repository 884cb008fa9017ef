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

func newServiceGroup(sess *session.Session, label, value string) *serviceGroup {
	return &serviceGroup{session: sess, label: label, value: value, services: map[string]*Service{}, containers: map[string]*container.Container{}, heard: map[string]func(){}, starting: map[string]bool{}, modes: map[string]string{},
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
func (g *serviceGroup) listen(ctx context.Context) error {
	g.mu.Lock()
	fresh := time.Since(g.looked) < nodesAgain
	g.mu.Unlock()
	if fresh {
		return nil
	}
	nodes, err := findNodes(ctx, g.session)
	if err == nil {
		g.subscribe(ctx, nodes)
	}
	return err
}

// subscribe hears of new containers on nodes that were just asked for.
func (g *serviceGroup) subscribe(ctx context.Context, nodes map[string]*node) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended {
		return
	}
	g.nodes, g.looked = nodes, time.Now()
	for _, n := range reachable(nodes) {
		if g.heard[n.ID] != nil {
			continue
		}
		stop, err := n.engine.Subscribe(ctx, func(e engine.Event) { g.onEvent(n, e) })
		if err == nil { // otherwise the next look tries again
			g.heard[n.ID] = stop
		}
	}
}

// engines returns those of the nodes that can be asked.
func (g *serviceGroup) engines() []*engine.Engine {
	g.mu.Lock()
	nodes := g.nodes
	g.mu.Unlock()
	var all []*engine.Engine
	for _, n := range reachable(nodes) {
		all = append(all, n.engine)
	}
	return all
}

// onEvent takes an event of a node's engine.
func (g *serviceGroup) onEvent(n *node, e engine.Event) {
	created := e.Action == "create" && e.Labels[g.label] == g.value
	g.mu.Lock()
	switch {
	case e.ID == "": // some were lost
		clear(g.starting)
	case created:
		g.starting[e.ID] = true
	default:
		delete(g.starting, e.ID)
	}
	g.mu.Unlock()
	if created {
		g.follow(n, e.ID, e.Labels)
	}
}

// follow follows a container of a task.
func (g *serviceGroup) follow(n *node, id string, labels map[string]string) {
	full := labels[engine.SwarmService]
	mode := g.mode(full)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.ended || g.containers[id] != nil {
		return
	}
	role := g.role(full)
	name := role + "." + g.place(mode, labels)
	c, err := container.Follow(g.session, container.Known{
		Name: name, ID: id, On: n.on, Engine: n.engine,
		Published: func() []container.Published { return g.file(role) },
		Ingress:   g.ingress(labels[engine.SwarmServiceID], role),
	})
	if err != nil {
		return
	}
	g.containers[id] = c
	g.session.Artifacts.Note("task %s: container on %s", name, n.Hostname)
}

// mode returns the mode of a service, which stays as it is.
func (g *serviceGroup) mode(full string) string {
	g.mu.Lock()
	mode := g.modes[full]
	g.mu.Unlock()
	if mode != "" {
		return mode
	}
	ctx, cancel := context.WithTimeout(context.Background(), longestLook)
	defer cancel()
	is, err := g.session.Engine.Service(ctx, full)
	if err != nil {
		return ""
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.modes[full] = is.Mode
	return is.Mode
}

// place is the number of a task, or, if it is the one of a node, that node's name.
// In the name that swarm gives it the slot 0 is a node, too. The caller has the
// lock.
func (g *serviceGroup) place(mode string, labels map[string]string) string {
	at := strings.TrimPrefix(labels[engine.SwarmTask], labels[engine.SwarmService]+".")
	at = strings.TrimSuffix(at, "."+labels[engine.SwarmTaskID])
	slot, err := strconv.Atoi(at)
	switch n := g.nodes[at]; {
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
func (g *serviceGroup) refresh(ctx context.Context) ([]engine.Service, []engine.Task, error) {
	ctx, cancel := context.WithTimeout(ctx, longestLook)
	defer cancel()
	if err := g.listen(ctx); err != nil {
		return nil, nil, err
	}
	services, err := g.list(ctx)
	if err != nil {
		return nil, nil, err
	}
	var ids []string
	g.mu.Lock()
	for _, s := range services {
		ids = append(ids, s.ID)
		if g.services[s.ID] == nil {
			g.services[s.ID] = &Service{Name: g.role(s.Name), ID: s.ID, group: g}
		}
	}
	g.mu.Unlock()
	if len(ids) == 0 {
		return nil, nil, nil
	}
	tasks, err := g.session.Engine.Tasks(ctx, ids...)
	if err != nil {
		return nil, nil, err
	}
	for _, t := range tasks {
		g.mu.Lock()
		n, known := g.nodes[t.Node], g.containers[t.Container] != nil || g.starting[t.Container]
		g.mu.Unlock()
		if t.Container == "" || known || n == nil || n.away() != nil {
			continue
		}
		if is, err := n.engine.Inspect(ctx, t.Container); err == nil {
			g.follow(n, t.Container, is.Config.Labels)
		}
	}
	return services, tasks, nil
}

func (g *serviceGroup) container(id string) *container.Container {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.containers[id]
}
