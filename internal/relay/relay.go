// SPDX-License-Identifier: Apache-2.0

package relay

import (
	"io"
	"net"
	"sync"
	"time"
)

// dialLimit bounds a connection to a server on this machine.
const dialLimit = 10 * time.Second

// A Relay forwards connections from a listener to a server.
type Relay struct {
	Route Route

	listener net.Listener
	failed   func(error) // called if a connection could not be forwarded
	running  sync.WaitGroup

	mu     sync.Mutex
	closed bool
	open   map[net.Conn]bool
}

// Start forwards connections from a listener, which Close closes. It calls failed when the
// server cannot be reached.
func Start(l net.Listener, r Route, failed func(error)) *Relay {
	relay := &Relay{Route: r, listener: l, failed: failed, open: map[net.Conn]bool{}}
	relay.running.Go(relay.accept)
	return relay
}

func (r *Relay) accept() {
	for {
		from, err := r.listener.Accept()
		if err != nil {
			r.mu.Lock()
			closed := r.closed
			r.mu.Unlock()
			if closed {
				return
			}
			time.Sleep(10 * time.Millisecond) // out of descriptors, say
			continue
		}
		if r.keep(from) {
			r.running.Go(func() { r.serve(from) })
		}
	}
}

func (r *Relay) serve(from net.Conn) {
	defer r.drop(from)
	to, err := net.DialTimeout("tcp", r.Route.To, dialLimit)
	if err != nil {
		r.failed(err)
		return
	}
	if !r.keep(to) {
		return
	}
	defer r.drop(to)
	var both sync.WaitGroup
	both.Go(func() { pass(to, from) })
	both.Go(func() { pass(from, to) })
	both.Wait()
}

// pass copies from one connection to the other, and then closes its writing side. If one
// side breaks, it breaks the other.
func pass(to, from net.Conn) {
	_, err := io.Copy(to, from)
	half, ok := to.(interface{ CloseWrite() error })
	if err != nil || !ok || half.CloseWrite() != nil {
		_, _ = to.Close(), from.Close()
	}
}

// keep registers a connection, or closes it if the relay is closed.
func (r *Relay) keep(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		_ = c.Close()
		return false
	}
	r.open[c] = true
	return true
}

func (r *Relay) drop(c net.Conn) {
	_ = c.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, c)
}

// Close ends all connections, and returns when no goroutine is left.
func (r *Relay) Close() {
	r.mu.Lock()
	r.closed = true
	_ = r.listener.Close()
	for c := range r.open {
		_ = c.Close()
	}
	r.mu.Unlock()
	r.running.Wait()
}
