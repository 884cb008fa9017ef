// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/seatrial/seatrial/internal/lease"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// lease leases the locks and ports of the plan that the stack does not have yet:
// after an update, ports are what they were.
func (k *Stack) lease(ctx context.Context, say session.Progress) error {
	wanted := k.current().plan.Leases
	wanted.Locks = slices.DeleteFunc(slices.Clone(wanted.Locks), func(l tailor.Lock) bool { return slices.Contains(k.locked, l.Name) })
	l, err := lease.Locks(ctx, k.session, wanted.Locks, say)
	if err != nil {
		return err
	}
	k.hold(l)
	for _, l := range wanted.Locks {
		k.locked = append(k.locked, l.Name)
	}
	wanted.Ports = slices.DeleteFunc(slices.Clone(wanted.Ports), func(p tailor.PortLease) bool { return k.values[p.Variable] != "" })
	if len(wanted.Ports)+len(wanted.Subnets) == 0 {
		return nil
	}
	taken, err := k.published(ctx)
	if err != nil {
		return err
	}
	l, values, err := lease.Numbers(ctx, k.session, wanted, taken)
	k.hold(l)
	if err == nil {
		if k.values == nil {
			k.values = map[string]string{}
		}
		maps.Copy(k.values, values)
	}
	return err
}

// hold notes a lease, if it is one.
func (k *Stack) hold(l *lease.Lease) {
	if l != nil {
		k.leases = append(k.leases, l)
	}
}

// release gives others what the stack had leased, when it is gone.
func (k *Stack) release(ctx context.Context) error {
	err := parallel.Do(k.leases, func(l *lease.Lease) error { return l.Remove(ctx) })
	if err == nil {
		k.leases, k.locked, k.values = nil, nil, nil
	}
	return err
}

// published returns the ports that services of the swarm publish: on other nodes,
// too.
func (k *Stack) published(ctx context.Context) (all []lease.Item, err error) {
	services, err := k.session.Engine.Services(ctx, "", "")
	if err != nil {
		return nil, fmt.Errorf("looking for ports that the swarm publishes: %w", err)
	}
	for _, s := range services {
		for _, p := range s.Ports {
			if p.Published != 0 {
				all = append(all, lease.Port(p.Published))
			}
		}
	}
	return all, nil
}
