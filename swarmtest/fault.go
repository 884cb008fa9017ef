// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/dockerd"
	"github.com/seatrial/seatrial/internal/engine"
)

// Kill ends the node as if its machine had lost power: the engine, all containers
// and the network end without notice. The managers find out after about six
// seconds, and then start its tasks elsewhere: see [Node.Await]. Handles of the
// test's objects on the node can no longer be used.
func (n *Node) Kill(t seatrial.T) {
	t.Helper()
	n.mustBreak(t, "killing")
	defer n.lock()()
	if err := n.kill(); err != nil {
		fail(t, fmt.Errorf("killing node %s: %w", n.Hostname, err))
	}
}

func (n *Node) kill() error {
	n.off.Store(true)
	engine.Leave(n.Host())
	n.api.CloseIdle()
	return n.private.Kill()
}

// Restart ends the node as [Node.Kill] does, if it still runs, and starts it again
// with its data, at the same address. It returns when the engine answers; the node
// is back in the swarm soon afterwards if there is a leader: see [Node.Await].
// Containers of the test that ran still exist, but have ended.
func (n *Node) Restart(t seatrial.T) {
	t.Helper()
	n.mustBreak(t, "restarting")
	defer n.lock()()
	ctx, cancel := limit(t, startLimit)
	defer cancel()
	if err := errors.Join(n.kill(), n.private.Start(ctx)); err != nil {
		fail(t, fmt.Errorf("restarting node %s: %w", n.Hostname, err))
	}
	engine.Return(n.Host())
	n.off.Store(false)
}

// Partition cuts the node off from the given nodes, or from all others if none is
// given. Packets between them are dropped silently. The test still reaches all
// nodes, and the node still reaches the registry and other networks. The cut lasts
// until [Node.Heal], even across Kill and Restart.
func (n *Node) Partition(t seatrial.T, from ...*Node) {
	t.Helper()
	if len(from) == 0 {
		n.swarm.Partition(t, n)
		return
	}
	n.swarm.cut(t, []*Node{n}, from)
}

// Partition cuts these nodes off from all others, as [Node.Partition] does. They
// still reach each other.
func (s *Swarm) Partition(t seatrial.T, side ...*Node) {
	t.Helper()
	others := slices.DeleteFunc(s.Nodes(), func(n *Node) bool { return slices.Contains(side, n) })
	s.cut(t, side, others)
}

func (s *Swarm) cut(t seatrial.T, side, others []*Node) {
	t.Helper()
	ctx, cancel := limit(t, stateLimit)
	defer cancel()
	for _, a := range side {
		a.mustBreak(t, "cutting off")
		for _, b := range others {
			if a.swarm != s || b.swarm != s {
				fail(t, fmt.Errorf("cutting off node %s from %s: they are of two swarms", a.Hostname, b.Hostname))
			}
			if err := s.rack.Cut(ctx, a.private, b.private); err != nil {
				fail(t, fmt.Errorf("cutting off node %s from %s: %w", a.Hostname, b.Hostname, err))
			}
		}
	}
}

// A Disturbance describes a bad network link of a node.
type Disturbance struct {
	// Delay is added to every packet that arrives at the node, so every round trip
	// to it, also from the test, takes that much longer. Jitter varies the delay at
	// random, by up to that much in both directions. They need the kernel's network
	// emulator (sch_netem), which not all kernels have, and the program tc.
	Delay, Jitter time.Duration

	// Loss is the fraction, from 0 to 1, of packets that are lost, in each
	// direction.
	Loss float64
}

// Disturb degrades the node's link until [Node.Heal] or another call, even across
// Kill and Restart. If the kernel cannot do that, the test is skipped, or fails
// with SEATRIAL_REQUIRE=1 in the environment.
func (n *Node) Disturb(t seatrial.T, d Disturbance) {
	t.Helper()
	n.mustBreak(t, "disturbing")
	if d.Delay < 0 || d.Jitter < 0 || d.Jitter > d.Delay || !(d.Loss >= 0 && d.Loss <= 1) {
		fail(t, fmt.Errorf("disturbing node %s: %+v: Jitter must not be more than Delay, and Loss be from 0 to 1", n.Hostname, d))
	}
	ctx, cancel := limit(t, stateLimit)
	defer cancel()
	defer n.lock()()
	err := n.swarm.rack.Disturb(ctx, n.private, dockerd.Trouble{Delay: d.Delay, Jitter: d.Jitter, Loss: d.Loss})
	var lacks *dockerd.LackError
	if errors.As(err, &lacks) {
		skip(t, fmt.Errorf("disturbing node %s: %w", n.Hostname, lacks))
	}
	if err != nil {
		fail(t, fmt.Errorf("disturbing node %s: %w", n.Hostname, err))
	}
}

// Heal undoes [Node.Partition] and [Node.Disturb].
func (n *Node) Heal(t seatrial.T) {
	t.Helper()
	n.mustBreak(t, "healing")
	ctx, cancel := limit(t, stateLimit)
	defer cancel()
	defer n.lock()()
	if err := n.swarm.rack.Mend(ctx, n.private); err != nil {
		fail(t, fmt.Errorf("healing node %s: %w", n.Hostname, err))
	}
}

// Heal heals all nodes, as [Node.Heal] does.
func (s *Swarm) Heal(t seatrial.T) {
	t.Helper()
	for _, n := range s.nodes {
		n.Heal(t)
	}
}

// mustBreak skips the test if the node is one of the user's own swarm, which must
// not be broken.
func (n *Node) mustBreak(t seatrial.T, what string) {
	t.Helper()
	if n.private == nil {
		skip(t, fmt.Errorf("%s node %s: a swarm of its own, and %s names another", what, n.Hostname, envSwarm))
	}
}
