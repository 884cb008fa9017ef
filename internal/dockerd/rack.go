// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"net/http"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/netns"
	"github.com/seatrial/seatrial/internal/outside"
)

// A Rack has engines that reach one another, and no others. A switch connects them,
// and they share the content of their registries.
//
// The switch is a network namespace without a process: this process holds it open,
// so that it ends with this process, and with it all links. It routes instead of
// bridging. So packets between engines can be dropped by the same kind of rules
// that dockerd needs; a bridge needs kinds that many kernels lack.
type Rack struct {
	run  string
	dir  string // of the registries; rules on this machine have its name
	way  way
	link outside.Link // between this machine and the switch

	space    netns.Space
	linked   bool // the network device of the link belongs to this rack
	noWayOut error
	images   http.Handler

	mu      sync.Mutex // held while links between engines change
	engines []*Engine
	cuts    map[[2]int]bool // between slots, the lower one first
	trouble map[int]Trouble // by slot
}

// A way is this machine's route to other networks; without a device there is none.
type way struct {
	device string
	mtu    int
}

// Trouble is what happens to the packets of an engine.
type Trouble struct {
	Delay, Jitter time.Duration // of arriving packets
	Loss          float64       // the fraction that is lost in each direction, from 0 to 1
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

// NoWayOut returns why its engines cannot reach other networks, or nil if they can.
func (r *Rack) NoWayOut() error { return r.noWayOut }

// between is the key of the link between two engines.
func between(a, b *Engine) [2]int { return [2]int{min(a.slot, b.slot), max(a.slot, b.slot)} }
