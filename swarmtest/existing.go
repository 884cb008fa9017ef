// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/spec"
)

// Variables that name the user's own swarm, which is used instead of starting one.
const (
	envSwarm    = engine.EnvSwarm
	envRegistry = "SEATRIAL_SWARM_REGISTRY" // from which its nodes pull
)

// use returns the user's own swarm.
func use(t seatrial.T, s Spec, theirs []engine.Named) *Swarm {
	t.Helper()
	w := &Swarm{registry: os.Getenv(envRegistry)}
	ctx, cancel := limit(t, swarmLimit)
	defer cancel()
	if s.Engine.Dockerd != "" || s.Engine.ClassicStore || len(s.Engine.Args) > 0 {
		skip(t, fmt.Errorf("engines of its own in the swarm, and %s names one that is there", envSwarm))
	}
	t.Cleanup(func() {
		t.Helper()
		w.Stop(t)
	})
	if err := w.find(ctx, theirs); err != nil {
		fail(t, fmt.Errorf("using the swarm that %s names: %w", envSwarm, err))
	}
	managers := 0
	for _, n := range w.nodes {
		if n.manages.Load() {
			managers++
		}
	}
	if managers < s.Managers || len(w.nodes) < s.Managers+s.Workers {
		skip(t, fmt.Errorf("a swarm of %d nodes, %d of them managers; the one that %s names has %d, %d of them managers",
			s.Managers+s.Workers, s.Managers, envSwarm, len(w.nodes), managers))
	}
	return w
}

// find lists the nodes, and matches the given engines to them.
func (s *Swarm) find(ctx context.Context, theirs []engine.Named) error {
	engines, named := map[string]*engine.Engine{}, map[string]engine.Named{} // by the node's id
	var first *engine.Engine
	for i, one := range theirs {
		e, err := engine.At(ctx, one, caller)
		if err != nil {
			return err
		}
		is, err := e.Membership(ctx)
		switch {
		case err != nil:
			return fmt.Errorf("asking the engine %s: %w", one.Host, err)
		case is.Node == "":
			return fmt.Errorf("the engine %s is not in a swarm (%s)\n    hint: docker swarm init makes one of it; without %s the test starts its own", one.Host, is.State, envSwarm)
		case i == 0 && !is.Manages:
			return fmt.Errorf("the engine %s comes first, and is not a manager", one.Host)
		case i == 0:
			first = e
		}
		engines[is.Node], named[is.Node] = e, one
	}
	all, err := first.Nodes(ctx)
	if err != nil {
		return fmt.Errorf("asking the engine %s: %w", theirs[0].Host, err)
	}
	slices.SortStableFunc(all, func(a, b engine.Node) int { return rank(a) - rank(b) })
	for _, one := range all {
		s.nodes = append(s.nodes, s.existing(one, engines[one.ID], named[one.ID].Certs))
		delete(engines, one.ID)
	}
	for id, e := range engines {
		return fmt.Errorf("the engine %s is node %s, of another swarm than %s", e.Host(), id, theirs[0].Host)
	}
	return nil
}

// rank sorts managers before workers.
func rank(n engine.Node) int {
	if n.Manages {
		return 0
	}
	return 1
}

// existing returns the handle of a node of the user's swarm; its engine is nil if
// its address was not given.
func (s *Swarm) existing(is engine.Node, e *engine.Engine, certs string) *Node {
	n := &Node{swarm: s, ID: is.ID, Hostname: is.Hostname, at: engine.Named{Address: is.Address}, api: e}
	n.manages.Store(is.Manages)
	if e != nil {
		n.at.Host, n.at.Certs = e.Host(), certs
		n.Engine = seatrial.On(spec.Engine{Host: e.Host(), Certs: certs})
		engine.Know(n.ID, engine.KnownNode{At: engine.Named{Host: e.Host(), Certs: certs}, Registry: s.registry})
	}
	return n
}

// giveBack undoes what the test changed in the user's own swarm.
func (s *Swarm) giveBack(t seatrial.T) error {
	t.Helper()
	ctx, cancel := limit(t, statusLimit)
	defer cancel()
	return each(s.nodes, func(n *Node) error {
		defer n.lock()()
		var err error
		if c := n.before; c.Role != "" || c.Availability != "" || len(c.Labels)+len(c.Unlabel) > 0 {
			if err = n.tell(ctx, c); err != nil {
				err = fmt.Errorf("changing node %s back to what it was: %w", n.Hostname, err)
			}
		}
		engine.Forget(n.ID)
		if n.api != nil {
			n.api.CloseIdle()
		}
		return err
	})
}
