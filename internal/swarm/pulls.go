// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/swarm/converge"
)

// A nodePulls finds the images that nodes do not get. A node that cannot reach a registry
// tries again each second, without end, and says so in its daemon's log alone: the
// test pulls, too, and hears why not.
type nodePulls struct {
	ctx  context.Context
	stop context.CancelFunc
	busy sync.WaitGroup

	mu sync.Mutex
	of map[[2]string]*pull // by node and image
}

type pull struct {
	since time.Time // when a task was first seen to wait for it
	asked bool
	err   error
}

// pullAfter is how long a node may take without being asked why: most have the
// image by then.
const pullAfter = 500 * time.Millisecond

func newPulls(ctx context.Context) *nodePulls {
	p := &nodePulls{of: map[[2]string]*pull{}}
	p.ctx, p.stop = context.WithCancel(ctx)
	return p
}

func (p *nodePulls) end() {
	p.stop()
	p.busy.Wait()
}

// fail returns a fault if the node of a task of a service does not get the image.
func (p *nodePulls) fail(s engine.Service, tasks []engine.Task, nodes map[string]*node, now time.Time) *converge.Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, t := range tasks {
		n := nodes[t.Node]
		waits := t.State == "preparing" && t.Desired != "shutdown" && t.Desired != "remove"
		rejected := t.State == "rejected" && t.Of(s) // perhaps for want of it
		if t.Service != s.ID || !waits && !rejected || n == nil || n.away() != nil {
			continue
		}
		key := [2]string{n.ID, s.Image}
		one := p.of[key]
		if one == nil {
			one = &pull{since: now}
			p.of[key] = one
		}
		switch {
		case one.err != nil:
			return &converge.Fault{Task: t, Why: fmt.Sprintf("the node does not get image %q: %v", s.Image, one.err)}
		case !one.asked && (rejected || now.Sub(one.since) >= pullAfter):
			one.asked = true
			p.busy.Go(func() {
				err := p.pull(n.engine, s.Image, !rejected)
				p.mu.Lock()
				defer p.mu.Unlock()
				one.err = err
			})
		}
	}
	return nil
}

// pull pulls an image that an engine does not have. It may be tried twice.
func (p *nodePulls) pull(e *engine.Engine, image string, twice bool) error {
	has, err := e.HasImage(p.ctx, image, "")
	if err != nil || has {
		return nil
	}
	if err = e.Pull(p.ctx, image, ""); err != nil && twice && p.ctx.Err() == nil {
		select {
		case <-time.After(time.Second):
			err = e.Pull(p.ctx, image, "")
		case <-p.ctx.Done():
		}
	}
	if p.ctx.Err() != nil {
		return nil
	}
	return err
}
