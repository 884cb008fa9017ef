// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"errors"
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
// engine: what they make belongs to the test, not to the swarm.
type Node struct {
	*seatrial.Engine

	// ID is the node's id in the swarm, as tasks name it.
	ID string

	// Hostname is manager1, manager2, …, worker1, worker2, …, by the role that the
	// node had at first. In the user's own swarm it is the real one.
	Hostname string

	swarm   *Swarm
	private *dockerd.Engine // nil in the user's own swarm
	api     *engine.Engine  // nil if its address is not known
	at      engine.Named    // set in the user's own swarm
	manages atomic.Bool     // as last seen
	off     atomic.Bool     // Kill was called
	far     atomic.Value    // how far its start is, a string

	mu     sync.Mutex        // held while the engine starts or ends, or the swarm changes the node
	before engine.NodeChange // undoes what the test changed in the user's own swarm
}

// String returns the Hostname.
func (n *Node) String() string { return n.Hostname }

// Host returns the address of the node's engine, in the notation of DOCKER_HOST. It
// is empty if it is not known, which happens only in the user's own swarm.
func (n *Node) Host() string {
	if n.private == nil {
		return n.at.Host
	}
	return n.private.Host()
}

// Address returns the node's IP address, which is the same for the test and for the
// other nodes. Ports of the test's containers, and those that tasks publish in host
// mode, are reached there. Kill and Restart do not change it.
func (n *Node) Address() string {
	if n.private == nil {
		return n.at.Address
	}
	return n.private.Address()
}

// A NodeState is the state of a node, as the managers of the swarm see it.
type NodeState struct {
	Role         string // manager or worker
	Availability string // active, pause or drain
	Status       string // ready, down, disconnected or unknown
	Message      string // the reason for Status; may be empty
	Leader       bool
	Reachable    bool              // by the other managers; always false for workers
	Labels       map[string]string // node.labels in a placement constraint
}

// stateLimit bounds a request that needs a majority of the managers.
const stateLimit = 45 * time.Second

// State asks the managers for the node's state. It fails the test if no majority of
// them agrees on a leader within 45 seconds.
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

// statusLimit is long enough to detect that a node is down, after several
// elections: a manager that was cut off calls for one when it is back.
const statusLimit = 2 * time.Minute

// Await waits, for up to two minutes, until the managers report this status for the
// node: ready, down, disconnected or unknown. For a manager, ready includes that it
// is reachable.
func (n *Node) Await(t seatrial.T, status string) {
	t.Helper()
	if all := []string{"ready", "down", "disconnected", "unknown"}; !slices.Contains(all, status) {
		fail(t, fmt.Errorf("waiting until node %s is %q: that is not a status; there are %s", n.Hostname, status, strings.Join(all, ", ")))
	}
	ctx, cancel := limit(t, statusLimit)
	defer cancel()
	err := n.swarm.await(ctx, func(all []engine.Node) error {
		now, err := n.in(all)
		if err != nil {
			return err
		}
		return lacks(now, status)
	})
	if err != nil {
		fail(t, fmt.Errorf("waiting until node %s is %s: %w", n.Hostname, status, err))
	}
}

// lacks says why a node is not yet what [Node.Await] waits for.
func lacks(now engine.Node, status string) error {
	switch {
	case now.Status != status:
		return fmt.Errorf("it is %s", now.Status)
	case status == "ready" && now.Manages && !now.Reachable:
		return errors.New("it is ready, but as a manager it is not reached")
	}
	return nil
}

// Leader returns the manager that a majority of the managers follow. It waits up to
// 45 seconds for one. Give commands for the swarm to its engine.
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

// lock locks the node's engine for one user at a time.
func (n *Node) lock() (unlock func()) {
	n.mu.Lock()
	return n.mu.Unlock
}

// leave makes this process forget the node's engine, which does not answer any more.
func (n *Node) leave() {
	engine.Forget(n.ID)
	if host := n.Host(); host != "" {
		engine.Leave(host)
	}
	if n.api != nil {
		n.api.CloseIdle()
	}
}
