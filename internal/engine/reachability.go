// SPDX-License-Identifier: Apache-2.0

package engine

// A reachability says where an engine is, seen from here: where its published ports
// are reached. A unix socket says nothing about that: it may lead into a virtual
// machine, out of a container, or into another network namespace.
type reachability struct {
	address  string // where they are reached; empty if nobody knows
	loopback bool   // also if they are published on the engine's 127.0.0.1 only
	why      string // how that is known
}
