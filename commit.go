// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
)

// Commit makes an image of the container's file system as it is now, without
// what is mounted. The container is paused for that moment. The image runs as
// the container does, and goes at the end of the test, unlike a built one; if
// somebody's container still uses it then, it stays.
func (c *Container) Commit(t T) *Image {
	t.Helper()
	return do(t, c.on, 0, commitLimit, func(ctx context.Context, sc *session) (*Image, error) {
		i, err := commitContainer(ctx, sc, c)
		if err != nil {
			return nil, fmt.Errorf("committing %s: %w", c.Name, c.ended(err))
		}
		return i, nil
	})
}

const commitLimit = 5 * time.Minute

func commitContainer(ctx context.Context, sc *session, c *Container) (*Image, error) {
	name := owner.Slug(c.Name)
	if name == "" {
		name = "container"
	}
	ref := owner.ImageRoot + name + ":commit-" + owner.NewID()
	sc.track(&committed{sc.engine, ref})
	began := time.Now()
	// These labels stand in place of the container's own, which it would inherit.
	id, err := sc.engine.Commit(ctx, c.ID, ref, sc.owner.On(owner.Image, ref).Labels())
	if err != nil {
		return nil, err
	}
	sc.dir.Note("container %s committed as %s, in %v", c.Name, ref, time.Since(began).Round(time.Millisecond))
	return &Image{Ref: ref, ID: id, engine: sc.engine}, nil
}

// committed is the name of an image that goes with the test.
type committed struct {
	engine *engine.Engine
	ref    string
}

func (*committed) evidence(context.Context, *artifact.Dir) error { return nil }
func (*committed) enter(context.Context) []string                { return nil }
func (*committed) detach()                                       {}
func (*committed) isUsed() bool                                  { return true }
func (i *committed) remove(ctx context.Context) error            { return i.engine.ReleaseImage(ctx, i.ref) }
