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
	"github.com/seatrial/seatrial/internal/watchdog"
	"github.com/seatrial/seatrial/spec"
)

// heartbeat is how often a node tells that it lives; three that are missed are
// too many.
const heartbeat = 2 * time.Second

// newNode returns a node that has yet to start.
func (s *Swarm) newNode(spec Spec, n int) *Node {
	node := &Node{swarm: s, Hostname: fmt.Sprintf("manager%d", n+1)}
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

// A door is what nodes have to know to join; there is none before it is open.
type door struct {
	open            chan struct{}
	at              string // of the first manager
	manager, worker string // tokens
}

// join has a node join the swarm, which the first node makes.
func (d *door) join(ctx context.Context, n *Node) error {
	if n == n.swarm.nodes[0] {
		return d.form(ctx, n)
	}
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
	if err := n.api.JoinSwarm(ctx, n.Address(), d.at, token); err != nil {
		return fmt.Errorf("joining the swarm: %w", err)
	}
	return nil
}

// form makes the swarm, and opens the door.
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

// start starts all engines at once. The first forms a swarm as soon as it is
// there, and the others join it as soon as they are.
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
			// The others fail now, for no reason of their own.
			first.Do(func() { failed = fmt.Errorf("node %s: %w", n.Hostname, err) })
			cancel(failed)
		}
		return nil
	})
	if failed != nil {
		return failed
	}
	return s.await(ctx, func(all []engine.Node) error {
		for _, n := range s.nodes {
			i := slices.IndexFunc(all, func(one engine.Node) bool { return one.ID == n.ID })
			switch {
			case i < 0:
				return fmt.Errorf("node %s is not known", n.Hostname)
			case all[i].Status != "ready":
				return fmt.Errorf("node %s is %s", n.Hostname, all[i].Status)
			case n.manages.Load() && !all[i].Reachable:
				return fmt.Errorf("manager %s is not reachable", n.Hostname)
			}
		}
		return nil
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
	engine.Know(n.ID, engine.KnownNode{At: at, Registry: n.swarm.registry})
	n.Engine = seatrial.On(spec.Engine{Host: n.Host(), Address: n.Address(), Temporary: true})
	return nil
}

// caller is who runs docker commands here.
var caller = engine.Caller{Mark: watchdog.Mark(process.Run)}

// Start starts a swarm of the test's own on this machine: an engine for each
// node, as [StartEngine] does, all linked by a switch that nobody else uses. It
// returns when the managers see all nodes ready: for three, in a few seconds.
//
// The swarm ends with the test, at once. If the test failed, the log of each
// node's daemon is among its artifacts. If the test's process is killed, the
// kernel ends the swarm, and the next run or seatrial gc removes its files.
//
// Where engines can't be started, the test is skipped, or, if the environment has
// SEATRIAL_REQUIRE=1, failed. Why, and what to install or set, stands in its log, and
// without -v on the standard error of its program: go test of one directory shows it.
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
	if err := w.start(ctx); err != nil {
		fail(t, fmt.Errorf("starting a swarm: %w", err))
	}
	if err := w.rack.NoWayOut(); err != nil {
		t.Logf("the swarm has no way to the world: %v", err)
	}
	return w
}
