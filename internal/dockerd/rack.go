// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"net/http"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/netns"
	"github.com/seatrial/seatrial/internal/outside"
)

// A Rack holds engines that reach one another, and nobody else's. They share a
// switch, which is all that links them, and the content of their registries.
//
// The switch is a network namespace that no process is in: this process holds it,
// and its end is the end of the switch with all links. It routes, and does not
// bridge: so it can drop what one engine sends to another by the rules that
// dockerd needs anyway, and a bridge only by those that many kernels lack.
type Rack struct {
	run  string
	dir  string // for the registries; its name is that of our rules
	way  way
	link outside.Link // between us and the switch

	space    netns.Space
	linked   bool // the link's device is ours
	noWayOut error
	images   http.Handler

	mu      sync.Mutex // held while something about the links between engines changes
	engines []*Engine
	cuts    map[[2]int]bool // between slots, the lower one first
	trouble map[int]Trouble // by slot
}

// A way is how this machine reaches the world; without a device, it does not.
type way struct {
	device string
	mtu    int
}

// Trouble is what happens to all that an engine sends and receives.
type Trouble struct {
	Delay, Jitter time.Duration // of what arrives
	Loss          float64       // the part that is lost, either way, from 0 to 1
}

// NewRack returns a rack that does not exist yet. Stop may be called from now on.
func NewRack(run string) *Rack {
	return &Rack{run: run, cuts: map[[2]int]bool{}, trouble: map[int]Trouble{}}
}

// New is the function [New], for an engine in the next free slot of the rack.
func (r *Rack) New(options Options) *Engine {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := New(options)
	e.rack, e.slot = r, len(r.engines)
	r.engines = append(r.engines, e)
	return e
}

// Slots is the number of engines that a rack has room for.
const Slots = outside.Nodes

// NoWayOut says why its engines cannot reach the world, if so.
func (r *Rack) NoWayOut() error { return r.noWayOut }

// between is the key of the link between two engines.
func between(a, b *Engine) [2]int { return [2]int{min(a.slot, b.slot), max(a.slot, b.slot)} }
