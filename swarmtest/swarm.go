// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/dockerd"
	"github.com/seatrial/seatrial/internal/push"
)

// A Spec says what swarm a test wants.
type Spec struct {
	// Managers and Workers are the numbers of nodes. Without a number of
	// managers there is one. Together they are not more than 60.
	Managers, Workers int

	// Engine says what engines the nodes have.
	Engine EngineSpec
}

// A Swarm is a swarm of several nodes. It is safe for concurrent use.
type Swarm struct {
	nodes    []*Node
	registry string // as the nodes see it; empty if there is none
	pushed   push.Record

	rack      *dockerd.Rack // nil if the swarm is the user's own
	artifacts string        // where the nodes' logs go if the test failed
	joining   sync.Mutex    // held by a manager that joins: each changes who must agree to the next
	ending    sync.Once
}

// swarmLimit bounds the start of a swarm, if the test's deadline is later.
const swarmLimit = 2 * time.Minute

// Nodes returns all nodes, in the order in which they were asked for: those that
// began as managers first.
func (s *Swarm) Nodes() []*Node { return slices.Clone(s.nodes) }

// Node returns a node by its id in the swarm, or by its Hostname if only one has
// that.
func (s *Swarm) Node(t seatrial.T, name string) *Node {
	t.Helper()
	var found []*Node
	var known []string
	for _, n := range s.nodes {
		if n.ID == name {
			return n
		}
		if n.Hostname == name {
			found = append(found, n)
		}
		known = append(known, n.Hostname+" ("+n.ID+")")
	}
	if len(found) != 1 {
		fail(t, fmt.Errorf("looking for node %q: %d are called so, of %s", name, len(found), strings.Join(known, ", ")))
	}
	return found[0]
}

// Registry returns the address, host:port, of the registry that all nodes pull
// from; empty if there is none, which happens only if the swarm is the user's
// own. Of a swarm of the test's own, the test's process serves it; the address
// means something on the nodes only, and Kill and Partition don't touch it.
func (s *Swarm) Registry() string { return s.registry }

// each calls do for all nodes at once, and returns all errors.
func each(nodes []*Node, do func(*Node) error) error {
	errs := make([]error, len(nodes))
	var all sync.WaitGroup
	for i, n := range nodes {
		all.Go(func() { errs[i] = do(n) })
	}
	all.Wait()
	return errors.Join(errs...)
}

// fail ends the test with an error.
func fail(t seatrial.T, err error) {
	t.Helper()
	t.Errorf("%v", err)
	t.FailNow()
}

// skip skips the test for want of something, as seatrial.Need does. Without -v nobody sees
// the log of a test that is skipped, and a package of which all tests are looks like one
// that passed: so it is said on standard error, too.
func skip(t seatrial.T, err error) {
	t.Helper()
	err = fmt.Errorf("this test needs more than there is: %w", err)
	s, skips := t.(interface{ Skipf(string, ...any) })
	if !skips || os.Getenv("SEATRIAL_REQUIRE") == "1" {
		fail(t, err)
	}
	if v := flag.Lookup("test.v"); v == nil || v.Value.String() == "false" {
		fmt.Fprintf(os.Stderr, "%s is skipped: %v\n", t.Name(), err)
	}
	s.Skipf("%v", err)
}
