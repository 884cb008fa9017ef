// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/image"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
)

// Commit makes an image of the container's file system as it is now, without
// what is mounted. The container is paused for that moment. The image runs as
// the container does, and goes at the end of the test, unlike a built one; if
// somebody's container still uses it then, it stays.
func (c *Container) Commit(t T) *Image {
	t.Helper()
	return do(t, c.on, 0, commitLimit, func(ctx context.Context, sc *session.Session) (*Image, error) {
		i, err := imageHandle(commitContainer(ctx, sc, c))
		if err != nil {
			return nil, fmt.Errorf("committing %s: %w", c.Name, c.ended(err))
		}
		return i, nil
	})
}

const commitLimit = 5 * time.Minute

func commitContainer(ctx context.Context, sc *session.Session, c *Container) (*image.Image, error) {
	name := owner.Slug(c.Name)
	if name == "" {
		name = "container"
	}
	ref := owner.ImageRoot + name + ":commit-" + owner.NewID()
	sc.TrackImage(sc.Engine, ref)
	began := time.Now()
	// These labels stand in place of the container's own, which it would inherit.
	id, err := sc.Engine.Commit(ctx, c.ID, ref, sc.Owner.On(owner.Image, ref).Labels())
	if err != nil {
		return nil, err
	}
	sc.Artifacts.Note("container %s committed as %s, in %v", c.Name, ref, time.Since(began).Round(time.Millisecond))
	return &image.Image{Ref: ref, ID: id, Engine: sc.Engine}, nil
}
