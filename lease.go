// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/lease"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/internal/watchdog"
	"github.com/seatrial/seatrial/tailor"
)

// A leased resource is an empty volume on the engine whose label says what is leased, as
// long as it is there. Everybody who uses the engine sees it; it is removed as all
// that a test makes, by the test, its watchdog or whoever comes later, and like
// other volumes after the containers: so it outlives those of a dead holder.
type leased struct {
	*container.Volume
	items []lease.Item
}

type board = lease.Board[owner.Tuple]

// holdLease leases what choose chooses, given what others hold. It puts up the volume
// and looks who else has done so: of two who want the same and do not know of each
// other, one at least sees the other then, and gives way.
func holdLease(ctx context.Context, sc *session.Session, choose func(*board) ([]lease.Item, error)) (*leased, error) {
	for {
		b, err := readBoard(ctx, sc, "")
		if err != nil {
			return nil, err
		}
		items, err := choose(b)
		if err != nil || len(items) == 0 {
			return nil, err
		}
		v := &container.Volume{Name: owner.Name(sc.Test, "lease", owner.NewID()), Engine: sc.Engine}
		l := &leased{v, items}
		sc.Track(session.Resource{Remove: v.Remove, UsedByOthers: true, Handle: l})
		labels := sc.Owner.On(owner.Volume, v.Name).Labels()
		labels[owner.LabelLease] = lease.Format(items)
		// As with a container, the answer is waited for also when time is up.
		creating, cancel := context.WithTimeout(context.WithoutCancel(ctx), container.CreateLimit)
		err = sc.Engine.CreateVolume(creating, v.Name, labels)
		cancel()
		if err != nil {
			return nil, err
		}
		if b, err = readBoard(ctx, sc, v.Name); err != nil {
			return nil, err
		}
		if _, _, held := b.Holder(items); !held {
			return l, nil
		}
		if err := v.Remove(ctx); err != nil {
			return nil, err
		}
		if err := sleep(ctx, leasePause()); err != nil {
			return nil, err
		}
	}
}

// readBoard reads what is leased on the engine, but for one lease.
func readBoard(ctx context.Context, sc *session.Session, but string) (*board, error) {
	volumes, err := sc.Engine.Volumes(ctx, owner.LabelLease, "")
	if err != nil {
		return nil, fmt.Errorf("looking for what others have leased: %w", err)
	}
	b := &board{}
	for _, v := range volumes {
		if tuple, ok := owner.Read(owner.Volume, v.Name, v.Labels); ok && v.Name != but {
			b.Add(tuple, lease.Parse(v.Labels[owner.LabelLease]))
		}
	}
	return b, nil
}

// leasePause is how long to wait before the next look: not all for the same time.
func leasePause() time.Duration { return 50*time.Millisecond + rand.N(150*time.Millisecond) }

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// takeLocks takes the locks of a plan, all at once, and waits for those who have them.
func takeLocks(ctx context.Context, sc *session.Session, locks []tailor.Lock, say session.Progress) (*leased, error) {
	if len(locks) == 0 {
		return nil, nil
	}
	var items []lease.Item
	for _, l := range locks {
		items = append(items, lease.Lock(l.Name))
	}
	began, told, swept := time.Now(), "", time.Time{}
	for {
		var by error
		l, err := holdLease(ctx, sc, func(b *board) ([]lease.Item, error) {
			item, holder, held := b.Holder(items)
			if !held {
				return items, nil
			}
			if by = fmt.Errorf("%s is held by %s", item, holder.Test); holder.Scope == sc.Owner.Scope {
				return nil, fmt.Errorf("%w: by this very test, which would wait for itself", by)
			}
			if by.Error() != told {
				told = by.Error()
				sc.Artifacts.Note("waiting: %s (run %s)", told, holder.Run)
				say("waiting: %s (run %s)", told, holder.Run)
			}
			return nil, nil
		})
		if err != nil || l != nil {
			if l != nil && told != "" {
				sc.Artifacts.Note("locked, after %v", time.Since(began).Round(time.Millisecond))
			}
			return l, err
		}
		if watchdog.Collects() && time.Since(swept) > 5*time.Second { // the holder, and its watchdog, may be dead
			swept = time.Now()
			_, _ = sweep.Dead(ctx, sc.Engine, session.Run, nil)
		}
		if sleep(ctx, leasePause()) != nil {
			return nil, fmt.Errorf("time was up while waiting: %w", by)
		}
	}
}

// lock takes the locks of the plan that the project does not have yet.
func (e *revision) lock(ctx context.Context, say session.Progress) error {
	p := e.p
	wanted := slices.DeleteFunc(slices.Clone(e.plan.Leases.Locks), func(l tailor.Lock) bool { return slices.Contains(p.locked, l.Name) })
	if _, err := takeLocks(ctx, p.session, wanted, say); err != nil {
		return err
	}
	for _, l := range wanted {
		p.locked = append(p.locked, l.Name)
	}
	return nil
}

// lease leases the ports and ranges of the plan, but those that turned out to be
// taken. What the revision before has for the same is taken over from it.
func (e *revision) lease(ctx context.Context, before *revision, taken []lease.Item) error {
	e.values = map[string]string{}
	wanted := e.plan.Leases
	if before != nil {
		wanted.Ports = slices.DeleteFunc(slices.Clone(wanted.Ports), func(w tailor.PortLease) bool {
			same := slices.ContainsFunc(before.plan.Leases.Ports, func(b tailor.PortLease) bool {
				return b.Service == w.Service && b.Published == w.Published && b.HostIP == w.HostIP && slices.Equal(b.Protocols, w.Protocols) && b.Variable == w.Variable
			})
			if same {
				e.values[w.Variable] = before.values[w.Variable]
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
				err = addTo(e.values, w, p)
			}
			if err != nil {
				return err
			}
		}
		wanted.Subnets = rest
	}
	l, values, err := leaseNumbers(ctx, e.p.session, wanted, taken)
	if l != nil {
		e.p.leased = append(e.p.leased, l)
	}
	maps.Copy(e.values, values)
	return err
}

// leaseNumbers leases ports and ranges, and returns the values of the variables
// that stand for them.
func leaseNumbers(ctx context.Context, sc *session.Session, wanted tailor.Leases, taken []lease.Item) (l *leased, values map[string]string, err error) {
	if len(wanted.Ports)+len(wanted.Subnets) == 0 {
		return nil, nil, nil
	}
	published, err := sc.Engine.PublishedPorts(ctx)
	if err != nil {
		return nil, nil, err
	}
	networks, err := sc.Engine.Subnets(ctx)
	if err != nil {
		return nil, nil, err
	}
	var inUse []netip.Prefix
	for _, n := range networks {
		inUse = append(inUse, n.Prefix)
	}
	ephemeral := engine.EphemeralPorts()
	l, err = holdLease(ctx, sc, func(b *board) (items []lease.Item, err error) {
		values = map[string]string{}
		b.Add(sc.Owner, taken)
		for _, p := range wanted.Ports {
			n, err := b.Port(ephemeral, func(n int) bool {
				return published[n] != nil || !sc.Engine.PortFree(ctx, p.HostIP, n, p.Protocols)
			})
			if err != nil {
				return nil, fmt.Errorf("leasing a port for %d of %s: %w", p.Published, p.Service, err)
			}
			values[p.Variable] = strconv.Itoa(n)
			items = append(items, lease.Port(n))
			b.Add(sc.Owner, items[len(items)-1:])
		}
		for _, s := range wanted.Subnets {
			size, err := netip.ParsePrefix(s.Subnet)
			if err != nil {
				return nil, err
			}
			p, err := b.Subnet(size.Bits(), size.Addr().Is4(), inUse)
			if err != nil {
				return nil, fmt.Errorf("leasing a subnet for network %s: %w", s.Network, err)
			}
			if err := addTo(values, s, p); err != nil {
				return nil, err
			}
			items = append(items, lease.Subnet(p))
			b.Add(sc.Owner, items[len(items)-1:])
		}
		return items, nil
	})
	return l, values, err
}

func addTo(values map[string]string, s tailor.SubnetLease, p netip.Prefix) error {
	more, err := s.Values(p)
	for key, value := range more {
		values[key] = value
	}
	return err
}

// stolen returns what was leased and is in use by others than the project: by
// those who ask nobody.
func (e *revision) stolen(ctx context.Context) (taken []lease.Item, err error) {
	p := e.p
	if len(e.values) == 0 {
		return nil, nil
	}
	published, failed := p.session.Engine.PublishedPorts(ctx)
	networks, failed2 := p.session.Engine.Subnets(ctx)
	if err := errors.Join(failed, failed2); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	foreign := func(id string) bool { return p.containers[id] == nil }
	for _, port := range e.plan.Leases.Ports {
		n, _ := strconv.Atoi(e.values[port.Variable])
		by := published[n]
		if slices.ContainsFunc(by, foreign) || by == nil && !p.session.Engine.PortFree(ctx, port.HostIP, n, port.Protocols) {
			taken = append(taken, lease.Port(n))
		}
	}
	for _, s := range e.plan.Leases.Subnets {
		ours, err := netip.ParsePrefix(e.values[s.Variable])
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
