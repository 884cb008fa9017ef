// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"strconv"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/lease"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// lock takes the locks of the plan that the project does not have yet.
func (r *revision) lock(ctx context.Context, say session.Progress) error {
	p := r.p
	wanted := slices.DeleteFunc(slices.Clone(r.plan.Leases.Locks), func(l tailor.Lock) bool { return slices.Contains(p.locked, l.Name) })
	if _, err := lease.Locks(ctx, p.Session, wanted, say); err != nil {
		return err
	}
	for _, l := range wanted {
		p.locked = append(p.locked, l.Name)
	}
	return nil
}

// lease leases the ports and ranges of the plan, but those that turned out to be
// taken. What the revision before has for the same is taken over from it.
func (r *revision) lease(ctx context.Context, before *revision, taken []lease.Item) error {
	r.values = map[string]string{}
	wanted := r.plan.Leases
	if before != nil {
		wanted.Ports = slices.DeleteFunc(slices.Clone(wanted.Ports), func(w tailor.PortLease) bool {
			same := slices.ContainsFunc(before.plan.Leases.Ports, func(b tailor.PortLease) bool {
				return b.Service == w.Service && b.Published == w.Published && b.HostIP == w.HostIP && slices.Equal(b.Protocols, w.Protocols) && b.Variable == w.Variable
			})
			if same {
				r.values[w.Variable] = before.values[w.Variable]
			}
			return same
		})
		var rest []tailor.SubnetLease
		for _, w := range wanted.Subnets {
			i := slices.IndexFunc(before.plan.Leases.Subnets, func(b tailor.SubnetLease) bool { return b.Variable == w.Variable && b.Subnet == w.Subnet })
			if i < 0 {
				rest = append(rest, w)
				continue
			}
			p, err := netip.ParsePrefix(before.values[w.Variable])
			if err == nil {
				err = lease.AddTo(r.values, w, p)
			}
			if err != nil {
				return err
			}
		}
		wanted.Subnets = rest
	}
	l, values, err := lease.Numbers(ctx, r.p.Session, wanted, taken)
	if l != nil {
		r.p.leased = append(r.p.leased, l)
	}
	maps.Copy(r.values, values)
	return err
}

// stolen returns what was leased and is in use by others than the project: by
// those who ask nobody.
func (r *revision) stolen(ctx context.Context) (taken []lease.Item, err error) {
	p := r.p
	if len(r.values) == 0 {
		return nil, nil
	}
	published, failed := p.Session.Engine.PublishedPorts(ctx)
	networks, failed2 := p.Session.Engine.Subnets(ctx)
	if err := errors.Join(failed, failed2); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	foreign := func(id string) bool { return p.containers[id] == nil }
	for _, port := range r.plan.Leases.Ports {
		n, _ := strconv.Atoi(r.values[port.Variable])
		by := published[n]
		if slices.ContainsFunc(by, foreign) || by == nil && !p.Session.Engine.PortFree(ctx, port.HostIP, n, port.Protocols) {
			taken = append(taken, lease.Port(n))
		}
	}
	for _, s := range r.plan.Leases.Subnets {
		ours, err := netip.ParsePrefix(r.values[s.Variable])
		if err != nil {
			continue
		}
		for _, n := range networks {
			if n.Prefix.Overlaps(ours) && n.Network.Labels[engine.ComposeProject] != p.Name {
				taken = append(taken, lease.Subnet(ours))
				break
			}
		}
	}
	return taken, nil
}
