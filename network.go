// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"maps"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// A Network is a network that a test made, to be given to its containers. It
// goes with the test, after them.
type Network struct {
	// Name is the name of the network on the engine, unique to it.
	Name string

	// ID is the network's id on the engine.
	ID string

	engine *engine.Engine
}

func (n *Network) String() string { return n.Name }

// CreateNetwork makes a network in which containers of the test find each other
// by their aliases.
func CreateNetwork(t T, s spec.Network) *Network {
	t.Helper()
	return standard.CreateNetwork(t, s)
}

// CreateNetwork is the function [CreateNetwork], on this engine.
func (e *Engine) CreateNetwork(t T, s spec.Network) *Network {
	t.Helper()
	return do(t, e.of(), 0, createLimit, func(ctx context.Context, sc *session.Session) (*Network, error) { return createNetwork(ctx, sc, s) })
}

func createNetwork(ctx context.Context, sc *session.Session, s spec.Network) (*Network, error) {
	var wrong report.Problems
	if check.Labels(s.Labels, &wrong); wrong != nil {
		return nil, wrong.Err("creating a network")
	}
	if s.Overlay {
		if err := sc.Manages(ctx); err != nil {
			return nil, fmt.Errorf("creating a network: %w", err)
		}
	}
	name := owner.Name(sc.Test, s.Name, owner.NewID())
	n := &Network{Name: name, ID: name, engine: sc.Engine}
	sc.Track(n.resource()) // by its name, until there is an id
	// As with a container, the answer is waited for also when time is up.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), createLimit)
	defer cancel()
	labels := sc.Owner.On(owner.Network, name).Labels()
	maps.Copy(labels, s.Labels)
	id, err := sc.Engine.CreateNetwork(ctx, name, s.Overlay, s.Internal, labels)
	if err != nil {
		return nil, fmt.Errorf("creating network %s: %w", name, err)
	}
	n.ID = id
	sc.Artifacts.Note("network %s created", name)
	return n, nil
}

func (n *Network) resource() session.Resource {
	return session.Resource{Remove: n.remove, UsedByOthers: true}
}

func (n *Network) remove(ctx context.Context) error {
	if err := n.engine.RemoveNetwork(ctx, n.ID); err != nil {
		return fmt.Errorf("network %s: %w", n.Name, err)
	}
	return nil
}
