// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/image"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/push"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

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

// imageElsewhere says what brings an image to a node that does not have it, if another one
// has: it comes from no registry that the node reaches.
func imageElsewhere(ctx context.Context, ref string, n *node, nodes map[string]*node) string {
	has := func(n *node) (yes, known bool) {
		if n.away() != nil {
			return false, false
		}
		there, err := n.engine.HasImage(ctx, ref, "")
		return there, err == nil
	}
	if there, known := has(n); there || !known {
		return ""
	}
	for _, other := range nodes {
		if there, _ := has(other); there {
			return fmt.Sprintf("node %s has image %s: push it to a registry that all nodes reach (swarmtest: Swarm.Push), or name an image of the test in Images", other.Hostname, ref)
		}
	}
	return ""
}

// distributeNamed is distribute for images of the test that the files of a stack name
// themselves: through a variable, through Replace, or as they are written.
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
	if err := push.To(ctx, sess.Engine, ref, pushed, session.PerEngine[push.Record](sess.On), func(holder string) { sess.Artifacts.Note("waiting for %s", holder) }); err != nil {
		return "", err
	}
	sess.Artifacts.Note("image %s pushed", pushed)
	return pushed, nil
}

// distributeAll is distribute for the images that replace others.
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
