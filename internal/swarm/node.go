// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/image"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/push"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
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
		if why := sess.Manages(ctx); why != nil && ctx.Err() == nil {
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

// awaitNodes is nodes, with patience.
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

// distribute makes sure that all nodes can get an image: one that only this engine
// has is pushed to the registry that all of them pull from, and called by that.
func distribute(ctx context.Context, sess *session.Session, ref string, nodes map[string]*node) (string, error) {
	if !strings.HasPrefix(ref, "localhost/") || len(nodes) < 2 {
		return ref, nil
	}
	for _, n := range nodes {
		if n.registry == "" {
			continue
		}
		return pushImage(ctx, sess, ref, n.registry)
	}
	if everywhere(ctx, ref, nodes) {
		return ref, nil
	}
	var names []string
	for _, n := range slices.SortedFunc(maps.Values(nodes), func(a, b *node) int { return strings.Compare(a.Hostname, b.Hostname) }) {
		if n.engine != sess.Engine {
			names = append(names, n.Hostname)
		}
	}
	return "", fmt.Errorf("only the engine %s has image %q, and %s cannot pull it\n    hint: push it to a registry that the nodes pull from; SEATRIAL_SWARM_REGISTRY names that of a swarm that is there",
		sess.Engine.Host(), ref, strings.Join(names, ", "))
}

// everywhere reports whether the engines of all nodes have an image, by this name.
func everywhere(ctx context.Context, ref string, nodes map[string]*node) bool {
	for _, n := range nodes {
		if n.away() != nil {
			return false
		}
		if has, err := n.engine.HasImage(ctx, ref, ""); err != nil || !has {
			return false
		}
	}
	return true
}

// distributeNamed is spread for the images that the files of a stack came to name
// otherwise: by a variable, by Replace, or as they are written.
func distributeNamed(ctx context.Context, sess *session.Session, plan *tailor.StackPlan, nodes map[string]*node) (map[string]string, error) {
	all := map[string]string{}
	for _, s := range plan.Services {
		if !strings.HasPrefix(s.Image, owner.ImageRoot) {
			continue
		}
		ref, err := distribute(ctx, sess, s.Image, nodes)
		if err != nil {
			return nil, fmt.Errorf("service %s: %w", s.Name, err)
		}
		all[s.Image] = ref
	}
	return all, nil
}

// pushImage pushes an image to a registry, once, and returns its name there.
func pushImage(ctx context.Context, sess *session.Session, ref, registry string) (string, error) {
	if has, err := sess.Engine.HasImage(ctx, ref, ""); err != nil {
		return "", err
	} else if !has {
		return "", image.NotOnEngine(sess, ref)
	}
	pushed := registry + "/" + strings.TrimPrefix(ref, "localhost/")
	if err := push.To(ctx, sess.Engine, ref, pushed, &sess.On.Pushed, func(holder string) { sess.Artifacts.Note("waiting for %s", holder) }); err != nil {
		return "", err
	}
	sess.Artifacts.Note("image %s pushed", pushed)
	return pushed, nil
}

// distributeAll is spread for the images that replace others.
func distributeAll(ctx context.Context, sess *session.Session, images map[string]string, nodes map[string]*node) (map[string]string, error) {
	if len(images) == 0 {
		return nil, nil
	}
	all := map[string]string{}
	for from, to := range images {
		ref, err := distribute(ctx, sess, to, nodes)
		if err != nil {
			return nil, err
		}
		all[from] = ref
	}
	return all, nil
}
