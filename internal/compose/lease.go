// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strconv"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/lease"
	"github.com/seatrial/seatrial/tailor"
)

// takeOver finds what a command before has leased for the same ports and ranges: the values
// of their variables, and what of the wanted is left to lease.
func takeOver(wanted tailor.Leases, before *composeCommand) (values map[string]string, rest tailor.Leases, err error) {
	values = map[string]string{}
	if before == nil {
		return values, wanted, nil
	}
	had := before.plan.Leases
	wanted.Ports = slices.DeleteFunc(slices.Clone(wanted.Ports), func(w tailor.PortLease) bool {
		same := slices.ContainsFunc(had.Ports, func(b tailor.PortLease) bool {
			return b.Service == w.Service && b.Published == w.Published && b.HostIP == w.HostIP && slices.Equal(b.Protocols, w.Protocols) && b.Variable == w.Variable
		})
		if same {
			values[w.Variable] = before.values[w.Variable]
		}
		return same
	})
	var subnets []tailor.SubnetLease
	for _, w := range wanted.Subnets {
		if !slices.ContainsFunc(had.Subnets, func(b tailor.SubnetLease) bool { return b.Variable == w.Variable && b.Subnet == w.Subnet }) {
			subnets = append(subnets, w)
			continue
		}
		p, err := netip.ParsePrefix(before.values[w.Variable])
		if err == nil {
			err = lease.AddTo(values, w, p)
		}
		if err != nil {
			return nil, wanted, err
		}
	}
	wanted.Subnets = subnets
	return values, wanted, nil
}

// portsTaken returns what was leased and is nevertheless used by others: by programs that look
// for no lease.
func (c *composeCommand) portsTaken(ctx context.Context, own *containers) (taken []lease.Item, err error) {
	if len(c.values) == 0 {
		return nil, nil
	}
	published, failed := c.session.Engine.PublishedPorts(ctx)
	networks, failed2 := c.session.Engine.Subnets(ctx)
	if err := errors.Join(failed, failed2); err != nil {
		return nil, err
	}
	foreign := func(id string) bool { return own.Get(id) == nil }
	for _, port := range c.plan.Leases.Ports {
		n, _ := strconv.Atoi(c.values[port.Variable])
		by := published[n]
		if slices.ContainsFunc(by, foreign) || by == nil && !c.session.Engine.PortFree(ctx, port.HostIP, n, port.Protocols) {
			taken = append(taken, lease.Port(n))
		}
	}
	for _, s := range c.plan.Leases.Subnets {
		ours, err := netip.ParsePrefix(c.values[s.Variable])
		if err != nil {
			continue
		}
		for _, n := range networks {
			if n.Prefix.Overlaps(ours) && n.Network.Labels[engine.ComposeProject] != c.project {
				taken = append(taken, lease.Subnet(ours))
				break
			}
		}
	}
	return taken, nil
}
