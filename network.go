// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// A Network is a network that a test made, to be given to its containers. It is
// removed at the end of the test, after them.
type Network struct {
	// Name is the name of the network on the engine, unique to it.
	Name string

	// ID is the network's id on the engine.
	ID string
}

// String returns the Name.
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
	return do(t, e.of(), 0, session.CreateLimit, func(ctx context.Context, sess *session.Session) (*Network, error) {
		n, err := container.CreateNetwork(ctx, sess, s)
		if err != nil {
			return nil, err
		}
		return &Network{Name: n.Name, ID: n.ID}, nil
	})
}
