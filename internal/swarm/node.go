// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/session"
)

// A node is a node of the swarm that a session's engine manages.
type node struct {
	engine.Node
	on       *session.Handle // nil if nobody said where its engine is
	engine   *engine.Engine  // the same, connected; nil if it does not answer
	registry string          // from which all nodes pull; empty if there is none
}

// findNodes asks for the nodes, and finds the engines of those that somebody told of.
// An engine that manages no swarm has none to tell.
func findNodes(ctx context.Context, sess *session.Session) (map[string]*node, error) {
	list, err := sess.Engine.Nodes(ctx)
	if err != nil {
		if why := sess.RequireManager(ctx); why != nil && ctx.Err() == nil {
			return nil, why
		}
		return nil, fmt.Errorf("listing the swarm's nodes: %w", err)
	}
	own, err := sess.Engine.NodeAmong(ctx, list)
	if err != nil {
		return nil, err
	}
	all := map[string]*node{}
	for _, one := range list {
		n := &node{Node: one}
		known, ok := engine.Known(one.ID)
		n.registry = known.Registry
		switch {
		case one.ID == own:
			n.on, n.engine = sess.On, sess.Engine
		case ok:
			n.on = session.HandleAt(known.At)
			n.engine, _ = n.on.Connect(ctx) // one that is down is as one that nobody knows
			if n.engine != nil && !n.on.Temporary {
				session.WatchToo(n.engine) // there will be containers and volumes
			}
		}
		all[n.ID] = n
	}
	return all, nil
}

// awaitNodes calls findNodes until the managers answer.
func awaitNodes(ctx context.Context, sess *session.Session) (all map[string]*node, err error) {
	err = retryAsking(ctx, sess, func(ctx context.Context) (err error) {
		all, err = findNodes(ctx, sess)
		return err
	})
	return all, err
}

// reachable returns the nodes whose engines answer, by their names.
func reachable(nodes map[string]*node) []*node {
	var all []*node
	for _, n := range nodes {
		if n.engine != nil && !n.engine.Gone() {
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b *node) int { return strings.Compare(a.Hostname, b.Hostname) })
	return all
}

// away returns why a node's engine cannot be asked.
func (n *node) away() error {
	switch {
	case n.on == nil:
		return fmt.Errorf("nobody said where the engine of node %s is, and only that can be asked\n    hint: a swarm of swarmtest knows its nodes; for one that is there, SEATRIAL_SWARM has their addresses", n.Hostname)
	case n.engine == nil || n.engine.Gone():
		return fmt.Errorf("the engine of node %s does not answer", n.Hostname)
	}
	return nil
}
