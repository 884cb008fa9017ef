// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
)

// A taskFollower follows the containers of the tasks of a group, on all nodes that can be
// asked.
type taskFollower struct {
	session *session.Session
	groupSpec
	containers container.Set
	othersStop bool // see container.Known

	mu         sync.Mutex
	nodes      map[string]*node  // by id
	looked     time.Time         // when these were asked for
	subscribed map[string]func() // by node: what ends the subscription to its events
	starting   map[string]bool   // containers that their engines have not started yet, as far as is known
	modes      map[string]string // by full name
}

func newTaskFollower(sess *session.Session, s groupSpec) *taskFollower {
	return &taskFollower{session: sess, groupSpec: s, subscribed: map[string]func(){}, starting: map[string]bool{}, modes: map[string]string{}}
}

// Nodes change seldom; longestLook bounds a single question to managers or nodes.
const (
	nodesAgain  = time.Second
	longestLook = 5 * time.Second
)

// listen finds the nodes, and hears of new containers on those that can be asked.
func (f *taskFollower) listen(ctx context.Context) error {
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
func (f *taskFollower) subscribe(ctx context.Context, nodes map[string]*node) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.containers.HasEnded() {
		return
	}
	f.nodes, f.looked = nodes, time.Now()
	for _, n := range reachable(nodes) {
		if f.subscribed[n.ID] != nil {
			continue
		}
		stop, err := n.engine.Subscribe(ctx, func(e engine.Event) { f.onEvent(n, e) })
		if err == nil { // otherwise the next look tries again
			f.subscribed[n.ID] = stop
		}
	}
}

// known returns the nodes as they were last seen, by their ids.
func (f *taskFollower) known() map[string]*node {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.nodes
}

// hostname returns the name of a node, which is empty if it is not known.
func (f *taskFollower) hostname(id string) string {
	if n := f.known()[id]; n != nil {
		return n.Hostname
	}
	return ""
}

// engines returns those of the nodes that can be asked.
func (f *taskFollower) engines() []*engine.Engine {
	var all []*engine.Engine
	for _, n := range reachable(f.known()) {
		all = append(all, n.engine)
	}
	return all
}

// onEvent takes an event of a node's engine.
func (f *taskFollower) onEvent(n *node, e engine.Event) {
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

func (f *taskFollower) isStarting(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.starting[id]
}

// follow follows a container of a task.
func (f *taskFollower) follow(n *node, id string, labels map[string]string) {
	full := labels[engine.SwarmService]
	role := f.role(full)
	name := role + "." + f.place(f.mode(full), labels)
	c := f.containers.Follow(f.session, container.Known{
		Name: name, ID: id, Labels: labels, On: n.on, Engine: n.engine,
		Published:  func() []container.Published { return f.file(role) },
		Ingress:    ingress(f, labels[engine.SwarmServiceID], role),
		OthersStop: f.othersStop,
	})
	if c != nil {
		f.session.Artifacts.Note("task %s: container on %s", name, n.Hostname)
	}
}

// followTasks follows the containers of tasks that no event told of.
func (f *taskFollower) followTasks(ctx context.Context, tasks []engine.Task) {
	for _, t := range tasks {
		n := f.known()[t.Node]
		known := f.containers.Get(t.Container) != nil || f.isStarting(t.Container)
		if t.Container == "" || known || n == nil || n.away() != nil {
			continue
		}
		if is, err := n.engine.Inspect(ctx, t.Container); err == nil {
			f.follow(n, t.Container, is.Config.Labels)
		}
	}
}

// container returns the container of a task that has one.
func (f *taskFollower) container(t engine.Task) (*container.Container, error) {
	if c := f.containers.Get(t.Container); c != nil {
		return c, nil
	}
	n := f.known()[t.Node]
	if n == nil {
		return nil, errors.New("its node is not in the swarm")
	}
	if err := n.away(); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("node %s does not have it", n.Hostname)
}

// mode returns the mode of a service, which stays as it is.
func (f *taskFollower) mode(full string) string {
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

// place is the number of a task, or, if it is the one of a node, that node's name. In the
// name that swarm gives it, the slot 0 is a node, too.
func (f *taskFollower) place(mode string, labels map[string]string) string {
	at := strings.TrimPrefix(labels[engine.SwarmTask], labels[engine.SwarmService]+".")
	at = strings.TrimSuffix(at, "."+labels[engine.SwarmTaskID])
	slot, err := strconv.Atoi(at)
	switch n := f.known()[at]; {
	case mode == engine.ReplicatedJob && err == nil:
		return strconv.Itoa(slot + 1)
	case mode == engine.ReplicatedJob:
		return "1"
	case n != nil:
		return n.Hostname
	}
	return at
}

// detach ends what follows the tasks.
func (f *taskFollower) detach() {
	f.containers.End()
	f.mu.Lock()
	stops := f.subscribed
	f.subscribed = map[string]func(){}
	f.mu.Unlock()
	for _, stop := range stops {
		stop()
	}
	f.containers.Detach()
}
