// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"

	"github.com/seatrial/seatrial/internal/session"
)

// Down stops all services, each with its grace period, and removes containers and networks,
// and volumes if they are not to be kept. What was leased and locked is free for others then.
func (p *Project) Down(ctx context.Context, keepVolumes bool) error {
	return p.change(ctx, "taking down", func(ctx context.Context, r *revision) error {
		if len(p.All()) > 0 {
			if _, err := r.switchServices(ctx, "stop", nil); err != nil {
				return err
			}
		}
		all := p.All()
		p.isDown.Store(true) // also if it fails half way: Up begins anew
		for _, c := range all {
			p.containers.MarkGone(c.ID) // a handle of it says so
		}
		if err := p.clear(ctx, keepVolumes); err != nil {
			return err
		}
		p.Session.Artifacts.Note("project %s taken down", p.Name)
		return p.leases.Release(ctx)
	})
}

// Up starts a project again that was taken down, as it was, and waits until it is ready. One
// that is up is only waited for.
func (p *Project) Up(ctx context.Context, say session.Progress) error {
	return p.change(ctx, "starting", func(ctx context.Context, r *revision) error {
		if p.isDown.Load() {
			if err := r.start(ctx, say); err != nil {
				return err
			}
			p.isDown.Store(false)
		}
		return r.await(ctx, p.All())
	})
}
