// SPDX-License-Identifier: Apache-2.0

package spec

// Network asks for a network in which containers find each other by their
// aliases. The zero Network is a bridge.
type Network struct {
	// Name is the role of the network, in messages. Its own name on the engine
	// contains it, and is unique.
	Name string

	// Internal cuts the network off from outside, in both directions: ports of
	// containers that are in no other network cannot be reached.
	Internal bool

	// Overlay makes it span the nodes of the swarm that the engine manages, for
	// services. Containers can join it, too.
	Overlay bool

	// Labels are put on the network, beside those by which seatrial finds it.
	Labels map[string]string
}

// Volume asks for an empty volume.
type Volume struct {
	// Name is the role of the volume, in messages. Its own name on the engine
	// contains it, and is unique.
	Name string

	// Labels are put on the volume, beside those by which seatrial finds it.
	Labels map[string]string
}
