// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"context"
	"errors"
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
	if err := n.join(ctx, enter); err != nil {
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

func (n *Node) join(ctx context.Context, enter *door) error {
	if n == n.swarm.nodes[0] {
		return n.found(ctx, enter)
	}
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-enter.open:
	}
	token := enter.worker
	if n.manages.Load() {
		token = enter.manager
		n.swarm.joining.Lock()
		defer n.swarm.joining.Unlock()
	}
	if err := n.api.JoinSwarm(ctx, n.Address(), enter.at, token); err != nil {
		return fmt.Errorf("joining the swarm: %w", err)
	}
	return nil
}

// found makes the swarm.
func (n *Node) found(ctx context.Context, enter *door) error {
	err := n.api.InitSwarm(ctx, n.Address(), heartbeat)
	if err == nil {
		enter.at = n.Address() + ":2377"
		enter.manager, enter.worker, err = n.api.JoinTokens(ctx)
	}
	if err != nil {
		return fmt.Errorf("making the swarm: %w", err)
	}
	close(enter.open)
	return nil
}

// await waits until the nodes are as is wanted: then want returns nil.
func (s *Swarm) await(ctx context.Context, want func([]engine.Node) error) error {
	var last error
	for {
		all, _, err := s.look(ctx)
		if err == nil {
			if last = want(all); last == nil {
				return nil
			}
		} else if last == nil {
			return err
		}
		if ended := pause(ctx); errors.Is(ended, context.DeadlineExceeded) {
			return fmt.Errorf("%w, and time is up", last)
		} else if ended != nil {
			return fmt.Errorf("%w, and the test has ended", last)
		}
	}
}
