// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/internal/session"
)

// A Container is a container that a test made, wrapped or found in a project or stack.
type Container struct {
	Name   string // its role, as messages and artifacts call it
	ID     string
	Labels map[string]string // that it was made with, where somebody else made it

	On       *session.Handle
	Engine   *engine.Engine // the same, connected
	Follower *engine.Follower

	files     logFiles
	Published func() []Published // ports that the project's file publishes under another number; nil if there is no file
	Ingress   Ingress            // of a task: ports that the whole swarm publishes; nil if there is none

	// ReadyIn is the StartID in which the container met the condition that its project has
	// for it.
	ReadyIn atomic.Value

	sampled bool     // whether what it uses is recorded
	samples *samples // nil if it is not

	warn        session.Progress           // in the test's log
	note        session.Progress           // in the time line
	merge       func([]artifact.Message)   // into the log of all; nil if there is none
	over        func() bool                // whether the test has ended; nil if nobody knows
	unread      func() bool                // whether nobody will read its files any more; nil if nobody knows
	tell        func(engine.Event, bool)   // to whoever listens, and whether it was asked to end; or nil
	others      func(context.Context) bool // whether all that it may need is there; nil if that is not known
	naming      sync.Once
	handle      any
	closing     sync.Once
	closed      atomic.Bool // no longer followed
	warned      atomic.Bool // of ports on which nothing listens
	removed     atomic.Bool
	othersStop  bool                 // what others ask the engine for is the user's doing, too
	unhealthy   atomic.Bool          // its health check said so in this life: a swarm ends it then
	stopped     atomic.Bool          // by the test
	asked       atomic.Bool          // to end: the engine was, by whomever
	outOfMemory atomic.Bool          // a program in it was killed for want of memory
	ready       atomic.Pointer[mark] // nil before it was
	replaced    atomic.Bool          // see MarkReplaced
	taken       atomic.Bool          // see Set.MarkTaken
	ofSet       bool                 // somebody else makes it, and may put another in its place
	created     bool                 // by the test itself, which starts it next
	unsure      bool                 // the answer to its creation was lost
	borrowed    bool                 // it was there before the test, and stays
}

// A mark is how a container was when it was ready.
type mark struct {
	life     string // its StartID then
	ended    bool
	restarts int
	lines    int // that it had logged in that life
}

// Published is a port as a Compose file publishes it.
type Published struct {
	Number   int // in the file
	Target   int // in the container
	Protocol string
}

// Ingress looks up where a port is reached that all nodes of a swarm publish for a
// service, by its number in the container or in the file, if it is one.
type Ingress func(ctx context.Context, port portnumber.Port) (addr string, published bool, err error)

// MarkReplaced says that the project which the container was in has another one in its
// place, or none: messages tell why it is gone.
func (c *Container) MarkReplaced() { c.replaced.Store(true) }

// Handle returns what the packages above know the container as, the same each time.
func (c *Container) Handle(make func() any) any {
	c.naming.Do(func() { c.handle = make() })
	return c.handle
}
