// SPDX-License-Identifier: Apache-2.0

package lease

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/internal/watchdog"
	"github.com/seatrial/seatrial/tailor"
)

// A Lease is an empty volume on the engine whose label says what is leased, as
// long as it is there. Everybody who uses the engine sees it; it is removed as all
// that a test makes, by the test, its watchdog or whoever comes later, and like
// other volumes after the containers: so it outlives those of a dead holder.
type Lease struct {
	*session.Object
	Items []Item
}

type board = Board[owner.Tuple]

// holdLease leases what choose chooses, given what others hold. It puts up the volume
// and looks who else has done so: of two who want the same and do not know of each
// other, one at least sees the other then, and gives way.
func holdLease(ctx context.Context, sess *session.Session, choose func(*board) ([]Item, error)) (*Lease, error) {
	for {
		b, err := readBoard(ctx, sess, "")
		if err != nil {
			return nil, err
		}
		items, err := choose(b)
		if err != nil || len(items) == 0 {
			return nil, err
		}
		v := session.NewObject(owner.Volume, owner.Name(sess.Test, "lease", owner.NewID()), sess.Engine.RemoveVolume)
		l := &Lease{v, items}
		r := v.Resource()
		r.Handle = l
		sess.Track(r)
		creating, cancel := session.Creating(ctx)
		err = sess.Engine.CreateVolume(creating, v.Name, sess.Labels(v.Kind, v.Name, map[string]string{owner.LabelLease: Format(items)}))
		cancel()
		if err != nil {
			return nil, err
		}
		if b, err = readBoard(ctx, sess, v.Name); err != nil {
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
func readBoard(ctx context.Context, sess *session.Session, but string) (*board, error) {
	volumes, err := sess.Engine.Volumes(ctx, owner.LabelLease, "")
	if err != nil {
		return nil, fmt.Errorf("looking for what others have leased: %w", err)
	}
	b := &board{}
	for _, v := range volumes {
		if tuple, ok := owner.Read(owner.Volume, v.Name, v.Labels); ok && v.Name != but {
			b.Add(tuple, Parse(v.Labels[owner.LabelLease]))
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

// Locks takes the locks of a plan, all at once, and waits for those who have them.
func Locks(ctx context.Context, sess *session.Session, locks []tailor.Lock, say session.Progress) (*Lease, error) {
	if len(locks) == 0 {
		return nil, nil
	}
	var items []Item
	for _, l := range locks {
		items = append(items, Lock(l.Name))
	}
	began, told, swept := time.Now(), "", time.Time{}
	for {
		var by error
		l, err := holdLease(ctx, sess, func(b *board) ([]Item, error) {
			item, holder, held := b.Holder(items)
			if !held {
				return items, nil
			}
			if by = fmt.Errorf("%s is held by %s", item, holder.Test); holder.Scope == sess.Owner.Scope {
				return nil, fmt.Errorf("%w: by this very test, which would wait for itself", by)
			}
			if by.Error() != told {
				told = by.Error()
				sess.Artifacts.Note("waiting: %s (run %s)", told, holder.Run)
				say("waiting: %s (run %s)", told, holder.Run)
			}
			return nil, nil
		})
		if err != nil || l != nil {
			if l != nil && told != "" {
				sess.Artifacts.Note("locked, after %v", time.Since(began).Round(time.Millisecond))
			}
			return l, err
		}
		if watchdog.Collects() && time.Since(swept) > 5*time.Second { // the holder, and its watchdog, may be dead
			swept = time.Now()
			_, _ = sweep.Dead(ctx, sess.Engine, session.Run, nil)
		}
		if sleep(ctx, leasePause()) != nil {
			return nil, fmt.Errorf("time was up while waiting: %w", by)
		}
	}
}

// Numbers leases ports and ranges, and returns the values of the variables
// that stand for them.
func Numbers(ctx context.Context, sess *session.Session, wanted tailor.Leases, taken []Item) (l *Lease, values map[string]string, err error) {
	if len(wanted.Ports)+len(wanted.Subnets) == 0 {
		return nil, nil, nil
	}
	published, err := sess.Engine.PublishedPorts(ctx)
	if err != nil {
		return nil, nil, err
	}
	networks, err := sess.Engine.Subnets(ctx)
	if err != nil {
		return nil, nil, err
	}
	var inUse []netip.Prefix
	for _, n := range networks {
		inUse = append(inUse, n.Prefix)
	}
	ephemeral := engine.EphemeralPorts()
	l, err = holdLease(ctx, sess, func(b *board) (items []Item, err error) {
		values = map[string]string{}
		b.Add(sess.Owner, taken)
		for _, p := range wanted.Ports {
			n, err := b.Port(ephemeral, func(n int) bool {
				return published[n] != nil || !sess.Engine.PortFree(ctx, p.HostIP, n, p.Protocols)
			})
			if err != nil {
				return nil, fmt.Errorf("leasing a port for %d of %s: %w", p.Published, p.Service, err)
			}
			values[p.Variable] = strconv.Itoa(n)
			items = append(items, Port(n))
			b.Add(sess.Owner, items[len(items)-1:])
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
			if err := AddTo(values, s, p); err != nil {
				return nil, err
			}
			items = append(items, Subnet(p))
			b.Add(sess.Owner, items[len(items)-1:])
		}
		return items, nil
	})
	return l, values, err
}

// AddTo adds the values of the variables that stand for a subnet.
func AddTo(values map[string]string, s tailor.SubnetLease, p netip.Prefix) error {
	more, err := s.Values(p)
	for key, value := range more {
		values[key] = value
	}
	return err
}
