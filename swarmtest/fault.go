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

// Kill ends the node as if its machine had lost power: the engine, all
// containers, its network. Nobody is told. The managers find out after about six
// seconds, and then start its tasks elsewhere: see Await. What the test had there
// cannot be asked any more.
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

// Restart ends the node as Kill does, unless that was done, and starts it again
// with the data that it had, at the same address. It returns when the engine
// answers; it is back in the swarm soon after, if there is a leader: see Await.
// Containers of the test that ran are there, and have ended.
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

// Partition cuts the node off: from these others, or, if none is named, from all.
// What they send to each other is lost without a word. The test still reaches
// everybody, the world, if it is reached at all, stays so, and so does the
// registry. It lasts until Heal, also over Kill and Restart.
func (n *Node) Partition(t seatrial.T, from ...*Node) {
	t.Helper()
	if len(from) == 0 {
		n.swarm.Partition(t, n)
		return
	}
	n.swarm.cut(t, []*Node{n}, from)
}

// Partition cuts these nodes off from all others, as [Node.Partition] does. Among
// themselves they reach each other as before.
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

// A Disturbance is what is wrong with a node's link.
type Disturbance struct {
	// Delay is added to all that arrives at the node: a round trip between it and
	// anybody, the test included, takes that much longer. Jitter makes it vary by
	// chance, up to as much in both directions. They need the kernel's network
	// emulator (sch_netem), which not all kernels have, and the program tc.
	Delay, Jitter time.Duration

	// Loss is the part, from 0 to 1, of what the node sends and of what it
	// receives that is lost.
	Loss float64
}

// Disturb makes the node's link a bad one, until Heal or another call; it lasts
// over Kill and Restart. The test is skipped, or, if the environment has
// SEATRIAL_REQUIRE=1, failed, where the kernel can't do it.
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

// Heal ends what Partition and Disturb did to the node.
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

// Heal is [Node.Heal] for all nodes.
func (s *Swarm) Heal(t seatrial.T) {
	t.Helper()
	for _, n := range s.nodes {
		n.Heal(t)
	}
}

// mustBreak skips the test if the node is not one to be broken.
func (n *Node) mustBreak(t seatrial.T, what string) {
	t.Helper()
	if n.private == nil {
		skip(t, fmt.Errorf("%s node %s: a swarm of its own, and %s names another", what, n.Hostname, envSwarm))
	}
}
