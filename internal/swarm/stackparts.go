// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/hostfiles"
	"github.com/seatrial/seatrial/internal/image"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// stackParts are what a stack has beside its services: images, ports, volumes, networks,
// secrets and configs.
type stackParts struct{ k *Stack }

// prepare builds and leases what the document wants, and returns the environment
// for docker stack deploy.
func (p stackParts) prepare(ctx context.Context, nodes map[string]*node, say session.Progress) (map[string]string, error) {
	env := maps.Clone(p.k.current().plan.Env)
	env["SEATRIAL_STACK"] = p.k.Name
	plan := p.k.current().plan
	refs, err := image.BuildServices(ctx, p.k.session, plan.Plan.Builds, say)
	if err != nil {
		return nil, err
	}
	for _, b := range plan.Builds { // to where all nodes pull it from
		if env[b.Variable], err = distribute(ctx, p.k.session, refs[b.Services[0]], nodes); err != nil {
			return nil, err
		}
	}
	for _, c := range plan.Contexts {
		env[c.Variable] = c.Context
	}
	if err := p.lease(ctx, say); err != nil {
		return nil, err
	}
	maps.Copy(env, p.k.values)
	return env, nil
}

// fillCopies makes the volumes that have copies of what services may write to, on all
// nodes: a task may run on any.
func (p stackParts) fillCopies(ctx context.Context, nodes map[string]*node) error {
	for _, c := range p.k.current().plan.Copies {
		for _, n := range nodes {
			if err := n.away(); err != nil {
				return fmt.Errorf("copying %s to all nodes: %w", c.Source, err)
			}
		}
		began := time.Now()
		err := parallel.Do(reachable(nodes), func(n *node) error { return p.fill(ctx, n.engine, c) })
		if err != nil {
			return fmt.Errorf("copying %s to the nodes: %w", c.Source, err)
		}
		p.k.session.Artifacts.Note("%s copied to %d nodes, in %v", c.Source, len(nodes), time.Since(began).Round(time.Millisecond))
	}
	return nil
}

// fill makes one of them, if it is not there.
func (p stackParts) fill(ctx context.Context, e *engine.Engine, c tailor.Copy) error {
	name := p.k.Name + "_" + c.Volume
	if has, err := e.HasVolume(ctx, name); has || err != nil {
		return err
	}
	filling, err := hostfiles.Filling(c.Source, name, p.k.current().plan.CopyLimit)
	if err != nil {
		return err
	}
	labels := p.k.session.Owner.Data().On(owner.Volume, name).Labels()
	labels[engine.StackNamespace] = p.k.Name
	if err := e.CreateVolume(ctx, name, labels); err != nil {
		return err
	}
	return e.Fill(ctx, hostfiles.Helper(p.k.session, e), filling)
}

func (k *Stack) enter(context.Context) []string {
	return []string{"docker stack ps " + k.Name}
}

// end removes the stack at the end of the test.
func (k *Stack) end(ctx context.Context) error {
	if err := (stackParts{k}).remove(ctx); err != nil {
		return fmt.Errorf("stack %s: %w", k.Name, err)
	}
	k.follower.detach()
	return nil
}

// remove removes all of the stack, and returns when it is gone.
func (p stackParts) remove(ctx context.Context) error {
	p.k.acting.Lock()
	defer p.k.acting.Unlock()
	services, err := p.k.list(ctx)
	if err != nil {
		return err
	}
	services = slices.DeleteFunc(services, func(s engine.Service) bool { // nobody else has this name, and yet
		tuple, ok := owner.Read(owner.Service, s.Name, s.Labels)
		return !ok || tuple.Run != p.k.session.Owner.Run
	})
	if err := p.k.drop(ctx, services); err != nil {
		return err
	}
	if err := p.dropParts(ctx); err != nil {
		return err
	}
	err = p.k.leases.Release(ctx)
	if err == nil {
		p.k.values = nil
	}
	return err
}

// addresses are those of the networks of a swarm. It gives the addresses of one that is removed
// to the next one at once, while nodes still have the network, and they reject the tasks of
// the next one. So they are written while networks go, and read while others are made.
type addresses struct{ sync.RWMutex }

// dropParts removes what the services used, and returns when the nodes have done it,
// too.
func (p stackParts) dropParts(ctx context.Context) error {
	e := p.k.session.Engine
	addresses := session.PerEngine[addresses](p.k.session.On)
	addresses.Lock()
	defer addresses.Unlock()
	var all []error
	for _, kind := range []struct {
		name   string
		list   func(context.Context, string, string) ([]engine.Object, error)
		remove func(context.Context, string) error
	}{{owner.Network, e.Networks, e.RemoveNetwork}, {owner.Secret, e.Secrets, e.RemoveSecret}, {owner.Config, e.Configs, e.RemoveConfig}} {
		objects, err := kind.list(ctx, engine.StackNamespace, p.k.Name)
		all = append(all, err, parallel.Do(p.k.session.Owned(kind.name, objects), func(o engine.Object) error { return kind.remove(ctx, o.ID) }))
	}
	if err := errors.Join(all...); err != nil {
		return err
	}
	p.awaitNetworksGone(ctx)
	return nil
}

// awaitNetworksGone waits until the nodes, too, have heard that the networks are gone, which
// for a moment they still list. They remove them by themselves.
func (p stackParts) awaitNetworksGone(ctx context.Context) {
	nodes, err := findNodes(ctx, p.k.session)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, settleLimit)
	defer cancel()
	_ = parallel.Do(reachable(nodes), func(n *node) error {
		for n.Status == "ready" { // others hear of nothing
			left, err := n.engine.Networks(ctx, engine.StackNamespace, p.k.Name)
			if err != nil || len(left) == 0 {
				return err
			}
			time.Sleep(lookAgain)
		}
		return nil
	})
}

// settleLimit is more than twice the two seconds that a node gives the others to
// hear of what it does.
const settleLimit = 10 * time.Second

// Remove removes the stack, and returns when all of it is gone.
func (k *Stack) Remove(ctx context.Context) error {
	if err := session.Retried(ctx, (stackParts{k}).remove); err != nil {
		return fmt.Errorf("removing stack %s: %w", k.Name, err)
	}
	return nil
}
