// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/seatrial/seatrial/internal/lease"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// lease leases the locks and ports of the plan that the stack does not have yet: after an
// update, ports are what they were.
func (p stackParts) lease(ctx context.Context, say session.Progress) error {
	wanted := p.k.current().plan.Leases
	if err := p.k.leases.Lock(ctx, wanted.Locks, say); err != nil {
		return err
	}
	wanted.Ports = slices.DeleteFunc(slices.Clone(wanted.Ports), func(l tailor.PortLease) bool { return p.k.values[l.Variable] != "" })
	if len(wanted.Ports)+len(wanted.Subnets) == 0 {
		return nil
	}
	taken, err := published(ctx, p.k.session)
	if err != nil {
		return err
	}
	values, err := p.k.leases.Lease(ctx, wanted, taken)
	if err == nil {
		if p.k.values == nil {
			p.k.values = map[string]string{}
		}
		maps.Copy(p.k.values, values)
	}
	return err
}

// published returns the ports that services of the swarm publish: on other nodes, too.
func published(ctx context.Context, sess *session.Session) (all []lease.Item, err error) {
	services, err := sess.Engine.Services(ctx, "", "")
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
