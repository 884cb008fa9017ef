// SPDX-License-Identifier: Apache-2.0

package engine

import "sync"

// A KnownNode is a node of a swarm whose engine we can talk to.
type KnownNode struct {
	At       Named
	Registry string // host:port of a registry from which all nodes pull; empty if there is none
}

// known has them by the node's id, which no two swarms give twice.
var known sync.Map

// Know says where the engine of a swarm's node is, for whoever finds the node's
// id in a task.
func Know(id string, n KnownNode) { known.Store(id, n) }

// Forget says that the engine is gone.
func Forget(id string) { known.Delete(id) }

// Known returns where the engine of a swarm's node is, if somebody said so.
func Known(id string) (n KnownNode, ok bool) {
	value, ok := known.Load(id)
	if ok {
		n = value.(KnownNode)
	}
	return n, ok
}
