// SPDX-License-Identifier: Apache-2.0

package engine

import "sync"

// process is what this process knows of engines and nobody tells it again. Each of the
// two is safe for concurrent use by itself, and nothing is locked while one is used.
var process struct {
	ended sync.Map // hosts of engines that were ended on purpose, with all on them
	nodes sync.Map // KnownNodes by the node's id, which no two swarms give twice
}

// Leave says that the engine at a host was ended on purpose.
func Leave(host string) { process.ended.Store(host, true) }

// Return says that it was started again.
func Return(host string) { process.ended.Delete(host) }

// Gone reports whether the engine was ended on purpose: nothing can be asked of it
// any more, and nothing is left there, or nothing that matters before it returns.
func (e *connection) Gone() bool {
	_, is := process.ended.Load(e.Host())
	return is
}

// A KnownNode is a node of a swarm whose engine we can talk to.
type KnownNode struct {
	At       Named
	Registry string // host:port of a registry from which all nodes pull; empty if there is none
}

// Know says where the engine of a swarm's node is, for whoever finds the node's
// id in a task.
func Know(id string, n KnownNode) { process.nodes.Store(id, n) }

// Forget says that the engine is gone.
func Forget(id string) { process.nodes.Delete(id) }

// Known returns where the engine of a swarm's node is, if somebody said so.
func Known(id string) (n KnownNode, ok bool) {
	value, ok := process.nodes.Load(id)
	if ok {
		n = value.(KnownNode)
	}
	return n, ok
}
