// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/dockerd"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/process"
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

// Start starts a swarm of the test's own on this machine: an engine for each
// node, as [StartEngine] does, all linked by a switch that nobody else uses. It
// returns when the managers see all nodes ready: for three, in a few seconds.
//
// The swarm ends with the test, at once. If the test failed, the log of each
// node's daemon is among its artifacts. If the test's process is killed, the
// kernel ends the swarm, and the next run or seatrial gc removes its files.
//
// Where engines can't be started, the test is skipped, or, if the environment has
// SEATRIAL_REQUIRE=1, failed.
//
// If the environment has SEATRIAL_SWARM, nothing is started, and that swarm is
// used. It is one address, or several with blanks between them, as DOCKER_HOST
// has them: of a manager first, then of other nodes. Nodes whose address is not
// given are in the swarm, but have no Engine. The test is skipped if there are too few
// nodes, and by whatever would break one: Kill, Restart, Partition and Disturb.
// What the test changes of nodes is changed back at its end, but not after it was
// killed. SEATRIAL_SWARM_REGISTRY is the registry, host:port or with a path, that
// the swarm's nodes pull from. The keys for tcp are those that the docker
// command would use: DOCKER_TLS_VERIFY and DOCKER_CERT_PATH.
//
// A swarm of the test's own takes three heartbeats of two seconds to find out that
// a node is down (others, of five seconds), and ten to twenty seconds, which can't
// be changed, to elect another leader.
func Start(t seatrial.T, s Spec) *Swarm {
	t.Helper()
	s.Managers = cmp.Or(s.Managers, 1)
	if s.Managers < 1 || s.Workers < 0 || s.Managers+s.Workers > dockerd.Slots {
		fail(t, fmt.Errorf("starting a swarm: %d managers and %d workers are not from 1 to %d nodes, one of them a manager", s.Managers, s.Workers, dockerd.Slots))
	}
	if theirs := engine.SwarmEngines(); len(theirs) > 0 {
		return use(t, s, theirs)
	}
	if err := dockerd.Possible(s.Engine.Dockerd); err != nil {
		skip(t, fmt.Errorf("a swarm of its own: %w", err))
	}
	w := &Swarm{rack: dockerd.NewRack(process.Run), artifacts: seatrial.Artifacts(t)}
	for n := range s.Managers + s.Workers {
		w.nodes = append(w.nodes, w.newNode(s, n))
	}
	w.registry = w.nodes[0].private.Registry()
	t.Cleanup(func() {
		t.Helper()
		w.Stop(t)
	})
	ctx, cancel := limit(t, swarmLimit)
	defer cancel()
	if err := w.start(ctx); err != nil {
		fail(t, fmt.Errorf("starting a swarm: %w", err))
	}
	if err := w.rack.NoWayOut(); err != nil {
		t.Logf("the swarm has no way to the world: %v", err)
	}
	return w
}

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

// Stop ends the swarm before the test does, and removes all that it had. Of the
// user's own swarm it only changes back what was changed.
func (s *Swarm) Stop(t seatrial.T) {
	t.Helper()
	s.ending.Do(func() {
		t.Helper()
		var err error
		if s.rack != nil {
			if t.Failed() {
				s.save(t)
			}
			err = s.stop()
		} else {
			err = s.giveBack(t)
		}
		if err != nil {
			t.Errorf("%v", err)
		}
	})
}

func (s *Swarm) stop() error {
	err := each(s.nodes, func(n *Node) error {
		defer n.lock()()
		n.leave()
		return n.private.Stop()
	})
	if err = errors.Join(err, s.rack.Stop()); err != nil {
		return fmt.Errorf("%w\n    hint: it is tried again by seatrial gc", err)
	}
	return nil
}

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

// skip skips the test for want of something, as seatrial.Need does.
func skip(t seatrial.T, err error) {
	t.Helper()
	s, skips := t.(interface{ Skipf(string, ...any) })
	if !skips || os.Getenv("SEATRIAL_REQUIRE") == "1" {
		fail(t, fmt.Errorf("this test needs more than there is: %w", err))
	}
	s.Skipf("this test needs more than there is: %v", err)
}
