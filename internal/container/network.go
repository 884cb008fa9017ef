// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"fmt"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// A Network is a network that a test made.
type Network struct {
	Name   string
	ID     string
	Engine *engine.Engine
}

// CreateNetwork makes a network that goes with the test, after its containers.
func CreateNetwork(ctx context.Context, sess *session.Session, s spec.Network) (*Network, error) {
	var wrong report.Problems
	if check.Labels(s.Labels, &wrong); wrong != nil {
		return nil, wrong.Err("creating a network")
	}
	if s.Overlay {
		if err := sess.RequireManager(ctx); err != nil {
			return nil, fmt.Errorf("creating a network: %w", err)
		}
	}
	name := owner.Name(sess.Test, s.Name, owner.NewID())
	n := &Network{Name: name, ID: name, Engine: sess.Engine}
	sess.Track(n.Resource()) // by its name, until there is an id
	ctx, cancel := Creating(ctx)
	defer cancel()
	id, err := sess.Engine.CreateNetwork(ctx, name, s.Overlay, s.Internal, sess.Labels(owner.Network, name, s.Labels))
	if err != nil {
		return nil, fmt.Errorf("creating network %s: %w", name, err)
	}
	n.ID = id
	sess.Artifacts.Note("network %s created", name)
	return n, nil
}

// Resource is the network on its way to the end of the test.
func (n *Network) Resource() session.Resource {
	return session.Resource{Remove: n.Remove, UsedByOthers: true}
}

// Remove removes it. One that is gone is no error.
func (n *Network) Remove(ctx context.Context) error {
	if err := n.Engine.RemoveNetwork(ctx, n.ID); err != nil {
		return fmt.Errorf("network %s: %w", n.Name, err)
	}
	return nil
}
