// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/push"
)

const pushLimit = 10 * time.Minute

// Push pushes an image of the test to the swarm's registry, and returns the
// reference by which all nodes can pull it, for a service. Layers that the registry
// has are not sent again.
//
// The image may have been built on any engine. In the user's own swarm it stays in
// the registry; without a registry (SEATRIAL_SWARM_REGISTRY) the image is copied to
// each node, and all their addresses must be given.
func (s *Swarm) Push(t seatrial.T, i *seatrial.Image) string {
	t.Helper()
	ctx, cancel := limit(t, pushLimit)
	defer cancel()
	if i == nil {
		fail(t, errors.New("pushing an image: there is none"))
	}
	if s.registry == "" {
		return s.copy(t, i)
	}
	_, via, err := s.look(ctx)
	if err != nil {
		fail(t, fmt.Errorf("pushing image %s: %w", i.Ref, err))
	}
	loaded := via.Load(t, i)
	ref, err := via.push(ctx, loaded)
	if err != nil {
		fail(t, fmt.Errorf("pushing image %s from node %s: %w", i.Ref, via.Hostname, err))
	}
	return ref
}

func (n *Node) push(ctx context.Context, i *seatrial.Image) (string, error) {
	ref := n.swarm.registry + "/" + strings.TrimPrefix(i.Ref, "localhost/")
	return ref, push.To(ctx, n.api, i.Ref, ref, &n.swarm.pushed, func(string) {})
}

// copy loads an image on all nodes, under its own name.
func (s *Swarm) copy(t seatrial.T, i *seatrial.Image) string {
	t.Helper()
	for _, n := range s.nodes {
		if n.Engine == nil {
			fail(t, fmt.Errorf("pushing image %s: the swarm has no registry that we know of, and we cannot talk to node %s\n    hint: %s names a registry, and %s more nodes",
				i.Ref, n.Hostname, envRegistry, envSwarm))
		}
	}
	for _, n := range s.nodes {
		n.Load(t, i)
	}
	return i.Ref
}
