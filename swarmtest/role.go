// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/engine"
)

// Drain makes the swarm move all tasks away from the node, and give it no new ones.
// It returns when the swarm has accepted that, and does not wait for the tasks to
// end or to start elsewhere.
func (n *Node) Drain(t seatrial.T) {
	t.Helper()
	n.change(t, "draining", engine.NodeChange{Availability: "drain"}, nil)
}

// Activate lets the swarm give tasks to the node again. Tasks that moved away do
// not return.
func (n *Node) Activate(t seatrial.T) {
	t.Helper()
	n.change(t, "activating", engine.NodeChange{Availability: "active"}, nil)
}

// SetLabels adds labels to those that the node has, or changes them. Placement
// constraints know them as node.labels. To remove labels, use [Node.RemoveLabels].
func (n *Node) SetLabels(t seatrial.T, labels map[string]string) {
	t.Helper()
	n.change(t, "labelling", engine.NodeChange{Labels: labels}, nil)
}

// RemoveLabels removes labels from the node. A label that it does not have is no
// error.
func (n *Node) RemoveLabels(t seatrial.T, labels ...string) {
	t.Helper()
	n.change(t, "labelling", engine.NodeChange{Unlabel: labels}, nil)
}

// Promote makes the node a manager, and returns when the other managers reach it. A
// node that was demoted shortly before waits half a minute before it requests its
// new certificate.
func (n *Node) Promote(t seatrial.T) {
	t.Helper()
	n.change(t, "promoting", engine.NodeChange{Role: "manager"}, func(now engine.Node) error {
		if !now.Manages || !now.Reachable {
			return errors.New("the other managers don't reach it yet")
		}
		return nil
	})
}

// Demote makes the node a worker, and returns when it has its worker's certificate:
// if it lost power before that, it would come back as a manager, and the swarm
// would lose its leader. The last manager cannot be demoted, nor one without which
// the others have no majority.
func (n *Node) Demote(t seatrial.T) {
	t.Helper()
	n.change(t, "demoting", engine.NodeChange{Role: "worker"}, func(now engine.Node) error {
		if now.Manages {
			return errors.New("it still manages")
		}
		return nil
	})
}

// change makes a manager change the node, and waits until want returns nil. The
// manager may cease to be the leader, or a manager, meanwhile.
func (n *Node) change(t seatrial.T, what string, c engine.NodeChange, want func(engine.Node) error) {
	t.Helper()
	ctx, cancel := limit(t, statusLimit)
	defer cancel()
	defer n.lock()()
	if err := n.tell(ctx, c); err != nil {
		fail(t, fmt.Errorf("%s node %s: %w", what, n.Hostname, err))
	}
	if want == nil {
		return
	}
	err := n.swarm.await(ctx, func(all []engine.Node) error {
		now, err := n.in(all)
		if err == nil {
			err = want(now)
		}
		return err
	})
	if err == nil {
		err = n.settle(ctx, c.Role)
	}
	if err != nil {
		fail(t, fmt.Errorf("%s node %s: %w", what, n.Hostname, err))
	}
}

func (n *Node) tell(ctx context.Context, c engine.NodeChange) error {
	all, via, err := n.swarm.look(ctx)
	if err != nil {
		return err
	}
	now, err := n.in(all)
	if err != nil {
		return err
	}
	if n.private == nil {
		n.remember(now, c)
	}
	return via.api.ChangeNode(ctx, n.ID, c)
}

// settle waits until the node itself knows its role, which it learns last.
func (n *Node) settle(ctx context.Context, role string) error {
	if n.api == nil || n.off.Load() {
		return nil
	}
	for {
		is, err := n.api.Membership(ctx)
		certified := role
		if n.private != nil && err == nil {
			certified, err = n.private.SwarmRole()
		}
		if err == nil && is.State == "active" && is.Manages == (role == "manager") && certified == role {
			n.manages.Store(is.Manages)
			return nil
		}
		if pause(ctx) != nil {
			return errors.Join(fmt.Errorf("it does not know yet: it is %s in the swarm, manages: %v, and has the certificate of a %s", is.State, is.Manages, certified), err)
		}
	}
}

// remember notes how to undo a change, unless an earlier change has noted that.
func (n *Node) remember(now engine.Node, c engine.NodeChange) {
	b := &n.before
	if c.Role != "" && b.Role == "" {
		b.Role = now.Role
	}
	if c.Availability != "" && b.Availability == "" {
		b.Availability = now.Availability
	}
	for _, label := range append(slices.Collect(maps.Keys(c.Labels)), c.Unlabel...) {
		if _, known := b.Labels[label]; known || slices.Contains(b.Unlabel, label) {
			continue
		}
		if value, had := now.Labels[label]; had {
			if b.Labels == nil {
				b.Labels = map[string]string{}
			}
			b.Labels[label] = value
		} else {
			b.Unlabel = append(b.Unlabel, label)
		}
	}
}
