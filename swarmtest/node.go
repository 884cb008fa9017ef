// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/dockerd"
	"github.com/seatrial/seatrial/internal/engine"
)

// A Node is a node of a swarm. It has the verbs of package seatrial, on its own
// engine: what they make is the test's, and not the swarm's.
type Node struct {
	*seatrial.Engine

	// ID is the node's id in the swarm, as tasks name it.
	ID string

	// Hostname is manager1, manager2, …, worker1, worker2, …, as the nodes began.
	// In the user's own swarm it is what it is there.
	Hostname string

	swarm   *Swarm
	private *dockerd.Engine // nil if it is of the user's own swarm
	api     *engine.Engine  // nil if we can't talk to it
	at      engine.Named    // of the user's own swarm
	manages atomic.Bool     // as we heard last
	off     atomic.Bool     // Kill was called

	mu     sync.Mutex        // held while the engine starts or ends, or the swarm changes the node
	before engine.NodeChange // undoes what the test changed in the user's own swarm
}

func (n *Node) String() string { return n.Hostname }

// Host returns the address of the node's engine as DOCKER_HOST has it; empty if
// that is not known, which happens only in the user's own swarm.
func (n *Node) Host() string {
	if n.private == nil {
		return n.at.Host
	}
	return n.private.Host()
}

// Address returns the node's IP address, which is the same for the test and for
// the other nodes: there are the ports that tasks publish in host mode, and
// containers of the test. It stays over Kill and Restart.
func (n *Node) Address() string {
	if n.private == nil {
		return n.at.Address
	}
	return n.private.Address()
}

// A NodeState is what the managers of a swarm know of a node.
type NodeState struct {
	Role         string // manager or worker
	Availability string // active, pause or drain
	Status       string // ready, down, disconnected or unknown
	Message      string // says why, at times
	Leader       bool
	Reachable    bool              // for the other managers; always false of workers
	Labels       map[string]string // of the node: node.labels of a placement constraint
}

// stateLimit bounds a question to the managers, of which most must be there.
const stateLimit = 45 * time.Second

// State asks the managers for the node's state. It fails the test if most of
// them don't agree on a leader within 45 seconds.
func (n *Node) State(t seatrial.T) NodeState {
	t.Helper()
	ctx, cancel := limit(t, stateLimit)
	defer cancel()
	all, _, err := n.swarm.look(ctx)
	if err != nil {
		fail(t, err)
	}
	now, err := n.in(all)
	if err != nil {
		fail(t, err)
	}
	return NodeState{
		Role: now.Role, Availability: now.Availability, Status: now.Status, Message: now.Message,
		Leader: now.Leader, Reachable: now.Reachable, Labels: maps.Clone(now.Labels),
	}
}

func (n *Node) in(all []engine.Node) (engine.Node, error) {
	i := slices.IndexFunc(all, func(one engine.Node) bool { return one.ID == n.ID })
	if i < 0 {
		return engine.Node{}, fmt.Errorf("node %s (%s) is not in the swarm", n.Hostname, n.ID)
	}
	return all[i], nil
}

// statusLimit is long enough to find out that a node is down, and for several
// elections before that: one that was cut off calls for another when it is back.
const statusLimit = 2 * time.Minute

// Await waits, for up to two minutes, until the managers give the node this status:
// ready, down, disconnected or unknown. A manager that is ready is reachable, too.
func (n *Node) Await(t seatrial.T, status string) {
	t.Helper()
	if all := []string{"ready", "down", "disconnected", "unknown"}; !slices.Contains(all, status) {
		fail(t, fmt.Errorf("waiting until node %s is %q: that is not a status; there are %s", n.Hostname, status, strings.Join(all, ", ")))
	}
	ctx, cancel := limit(t, statusLimit)
	defer cancel()
	err := n.swarm.await(ctx, func(all []engine.Node) error {
		now, err := n.in(all)
		switch {
		case err != nil:
			return err
		case now.Status != status:
			return fmt.Errorf("it is %s", now.Status)
		case status == "ready" && now.Manages && !now.Reachable:
			return fmt.Errorf("it is ready, but as a manager it is not reached")
		}
		return nil
	})
	if err != nil {
		fail(t, fmt.Errorf("waiting until node %s is %s: %w", n.Hostname, status, err))
	}
}

// Leader returns the manager that most of the managers follow, for which it waits
// for up to 45 seconds. Its engine is the one to give the swarm commands.
func (s *Swarm) Leader(t seatrial.T) *Node {
	t.Helper()
	ctx, cancel := limit(t, stateLimit)
	defer cancel()
	all, _, err := s.look(ctx)
	if err != nil {
		fail(t, err)
	}
	return s.Node(t, leaderOf(all))
}

// lock keeps others from the node's engine, which is for one at a time.
func (n *Node) lock() (unlock func()) {
	n.mu.Lock()
	return n.mu.Unlock
}

// leave says that nobody can talk to the node's engine any more.
func (n *Node) leave() {
	engine.Forget(n.ID)
	if host := n.Host(); host != "" {
		engine.Leave(host)
	}
	if n.api != nil {
		n.api.CloseIdle()
	}
}
