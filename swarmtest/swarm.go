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

// A Spec describes the swarm that a test wants.
type Spec struct {
	// Managers and Workers are the numbers of nodes, together at most 60. Zero
	// managers means one.
	Managers, Workers int

	// Engine describes the engines of the nodes.
	Engine EngineSpec
}

// A Swarm is a swarm of several nodes. It is safe for concurrent use.
type Swarm struct {
	nodes    []*Node
	registry string // its address on the nodes; empty if there is none
	pushed   push.Record

	rack      *dockerd.Rack // nil for the user's own swarm
	artifacts string        // the directory for the nodes' logs if the test failed
	joining   sync.Mutex    // held by a manager that joins: each changes the majority that the next one needs
	ending    sync.Once
}

// swarmLimit bounds the start of a swarm, if the test's deadline is later.
const swarmLimit = 2 * time.Minute

// Nodes returns all nodes: first those that started as managers, then those that
// started as workers.
func (s *Swarm) Nodes() []*Node { return slices.Clone(s.nodes) }

// Node returns a node by its id in the swarm, or by its Hostname if that is unique.
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

// Registry returns the address, host:port, of the registry from which all nodes
// pull. It is empty if there is none, which happens only in the user's own swarm.
// The registry of a private swarm is served by the test's process. Its address is
// valid only on the nodes, and Kill and Partition do not affect it.
func (s *Swarm) Registry() string { return s.registry }

// each calls do for all nodes at the same time, and returns all errors.
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

// skip skips the test because something is missing, as seatrial.Need does. Without
// -v nobody sees the log of a skipped test, and a package whose tests are all
// skipped looks like one that passed: so the reason is on standard error, too.
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
