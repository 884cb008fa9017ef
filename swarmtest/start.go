// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/dockerd"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/watchdog"
	"github.com/seatrial/seatrial/spec"
)

// heartbeat is how often a node reports that it is alive; after three missing ones
// it is down.
const heartbeat = 2 * time.Second

// newNode returns a node that has yet to start.
func (s *Swarm) newNode(spec Spec, n int) *Node {
	node := &Node{swarm: s, Hostname: fmt.Sprintf("manager%d", n+1)}
	node.far.Store(starting)
	node.manages.Store(true)
	if n >= spec.Managers {
		node.Hostname = fmt.Sprintf("worker%d", n+1-spec.Managers)
		node.manages.Store(false)
	}
	node.private = s.rack.New(dockerd.Options{
		Binary: spec.Engine.Dockerd, ClassicStore: spec.Engine.ClassicStore, Args: spec.Engine.Args,
		Run: process.Run, Hostname: node.Hostname,
	})
	return node
}

// A door has what nodes need to join the swarm, once the first manager has formed it.
type door struct {
	open            chan struct{}
	at              string // of the first manager
	manager, worker string // tokens
}

// join makes a node join the swarm, or form it if it is the first.
func (d *door) join(ctx context.Context, n *Node) error {
	if n == n.swarm.nodes[0] {
		n.far.Store(joining)
		return d.form(ctx, n)
	}
	n.far.Store(waiting)
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-d.open:
	}
	token := d.worker
	if n.manages.Load() {
		token = d.manager
		n.swarm.joining.Lock()
		defer n.swarm.joining.Unlock()
	}
	n.far.Store(joining)
	if err := n.api.JoinSwarm(ctx, n.Address(), d.at, token); err != nil {
		return fmt.Errorf("joining the swarm: %w", err)
	}
	return nil
}

// form initializes the swarm on the first node, and opens the door.
func (d *door) form(ctx context.Context, n *Node) error {
	err := n.api.InitSwarm(ctx, n.Address(), heartbeat)
	if err == nil {
		d.at = n.Address() + ":2377"
		d.manager, d.worker, err = n.api.JoinTokens(ctx)
	}
	if err != nil {
		return fmt.Errorf("making the swarm: %w", err)
	}
	close(d.open)
	return nil
}

// start starts all engines at the same time. The first forms a swarm as soon as it
// is up, and each other one joins it as soon as it is up.
func (s *Swarm) start(ctx context.Context) error {
	if err := s.rack.Start(ctx); err != nil {
		return err
	}
	enter := &door{open: make(chan struct{})}
	inner, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var first sync.Once
	var failed error
	_ = each(s.nodes, func(n *Node) error {
		if err := n.start(inner, enter); err != nil {
			// The first error counts: it makes the other nodes fail, too.
			first.Do(func() { failed = fmt.Errorf("node %s: %w", n.Hostname, err) })
			cancel(failed)
		}
		return nil
	})
	if failed != nil {
		return failed
	}
	return s.await(ctx, func(all []engine.Node) (unready error) {
		for _, n := range s.nodes {
			i := slices.IndexFunc(all, func(one engine.Node) bool { return one.ID == n.ID })
			var err error
			switch {
			case i < 0:
				err = fmt.Errorf("node %s is not known", n.Hostname)
			case all[i].Status != "ready":
				err = fmt.Errorf("node %s is %s", n.Hostname, all[i].Status)
			case n.manages.Load() && !all[i].Reachable:
				err = fmt.Errorf("manager %s is not reachable", n.Hostname)
			default:
				n.far.Store(ready)
			}
			unready = cmp.Or(unready, err)
		}
		return unready
	})
}

func (n *Node) start(ctx context.Context, enter *door) error {
	if err := n.private.Start(ctx); err != nil {
		return err
	}
	at := engine.Named{Host: n.Host(), Address: n.Address()}
	api, err := engine.At(ctx, at, caller)
	if err != nil {
		return err
	}
	n.api = api
	if err := enter.join(ctx, n); err != nil {
		return err
	}
	is, err := api.Membership(ctx)
	if err != nil {
		return err
	}
	n.ID = is.Node
	n.far.Store(joined)
	engine.Know(n.ID, engine.KnownNode{At: at, Registry: n.swarm.registry})
	n.Engine = seatrial.On(spec.Engine{Host: n.Host(), Address: n.Address(), Temporary: true})
	return nil
}

// caller marks docker commands that this package runs.
var caller = engine.Caller{Mark: watchdog.Mark(process.Run)}

// Start starts a private swarm for the test on this machine: an engine for each
// node, as [StartEngine] does, all connected by a switch of their own. It returns
// when the managers see all nodes as ready, which takes a few seconds for three
// nodes. With -v a start that takes longer says how far each node is, a line a second at
// most.
//
// The swarm ends with the test, at once. If the test failed, the log of each
// node's daemon is among its artifacts. If the test's process is killed, the
// kernel ends the swarm, and the next run or seatrial gc removes its files.
//
// If engines cannot be started here, the test is skipped; with SEATRIAL_REQUIRE=1 in
// the environment it fails. Its log says why, and what to install or set. Without -v
// that is also on standard error, which go test shows if it tests the package in the
// current directory.
//
// If the environment has SEATRIAL_SWARM, nothing is started, and that swarm is used.
// The value is one address, or several separated by spaces, in the notation of
// DOCKER_HOST: a manager's first, then those of other nodes. Nodes whose address is
// missing are in the swarm, but their Engine cannot be used. The test is skipped if
// there are too few nodes, and by every verb that would break one: Kill, Restart,
// Partition and Disturb. Changes to nodes are undone at the end of the test, but not
// after it was killed. SEATRIAL_SWARM_REGISTRY names the registry from which the
// swarm's nodes pull, as host:port, with a path if it has one. Connections by tcp use
// the same keys as the docker command: DOCKER_TLS_VERIFY and DOCKER_CERT_PATH.
//
// A private swarm detects that a node is down after three heartbeats of two seconds
// (other swarms: of five seconds). It elects another leader in ten to twenty
// seconds, which cannot be configured.
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
		skip(t, fmt.Errorf("a swarm of its own: %w\n    hint: %s names a swarm that is there, if one is, to be used instead", err, envSwarm))
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
	var err error
	session.WithProgress(t, func(say session.Progress) {
		defer say.Every(ctx, w.progress)()
		err = w.start(ctx)
	})
	if err != nil {
		fail(t, fmt.Errorf("starting a swarm: %w", err))
	}
	if err := w.rack.NoWayOut(); err != nil {
		t.Logf("the swarm has no way to the world: %v", err)
	}
	return w
}
