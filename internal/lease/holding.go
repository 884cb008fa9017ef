// SPDX-License-Identifier: Apache-2.0

package lease

import (
	"context"
	"slices"

	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// A Holding is what a project or a stack has leased, from its first revision to its end.
// Who uses it does so one after the other.
type Holding struct {
	Session *session.Session

	locks   map[string]*Lease // by name; one lease has several
	resumed []string          // locks that an earlier process took, which are not given back here
	numbers []*Lease
}

// Resume says that an earlier process took these for the same owner, and left them held.
func (h *Holding) Resume(locks []tailor.Lock) {
	for _, l := range locks {
		h.resumed = append(h.resumed, l.Name)
	}
}

// Lock takes those of the locks that are not held yet, and waits for those who have them.
func (h *Holding) Lock(ctx context.Context, locks []tailor.Lock, say session.Progress) error {
	wanted := slices.DeleteFunc(slices.Clone(locks), func(l tailor.Lock) bool { return h.locks[l.Name] != nil || slices.Contains(h.resumed, l.Name) })
	l, err := Locks(ctx, h.Session, wanted, say)
	if err != nil || l == nil {
		return err
	}
	if h.locks == nil {
		h.locks = map[string]*Lease{}
	}
	for _, w := range wanted {
		h.locks[w.Name] = l
	}
	return nil
}

// Lease leases ports and ranges, but those that turned out to be taken, and returns the
// values of the variables that stand for them.
func (h *Holding) Lease(ctx context.Context, wanted tailor.Leases, taken []Item) (map[string]string, error) {
	l, values, err := Numbers(ctx, h.Session, wanted, taken)
	if l != nil {
		h.numbers = append(h.numbers, l)
	}
	return values, err
}

// ReleaseNumbers gives others the ports and ranges.
func (h *Holding) ReleaseNumbers(ctx context.Context) error {
	err := parallel.Do(h.numbers, func(l *Lease) error { return l.Remove(ctx) })
	if err == nil {
		h.numbers = nil
	}
	return err
}

// Release gives others all of it.
func (h *Holding) Release(ctx context.Context) error {
	var locks []*Lease
	for _, l := range h.locks {
		if !slices.Contains(locks, l) {
			locks = append(locks, l)
		}
	}
	err := parallel.Do(append(locks, h.numbers...), func(l *Lease) error { return l.Remove(ctx) })
	if err == nil {
		h.locks, h.numbers = nil, nil
	}
	return err
}
