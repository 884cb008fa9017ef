// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/image"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
)

// CommitLimit bounds Commit.
const CommitLimit = 5 * time.Minute

// Commit makes an image of a container's file system, which goes with the test.
func Commit(ctx context.Context, sess *session.Session, c *Container) (*image.Image, error) {
	i, err := commit(ctx, sess, c)
	if err != nil {
		return nil, fmt.Errorf("committing %s: %w", c.Name, notRunning(c, err))
	}
	return i, nil
}

func commit(ctx context.Context, sess *session.Session, c *Container) (*image.Image, error) {
	name := owner.Slug(c.Name)
	if name == "" {
		name = "container"
	}
	ref := owner.ImageRoot + name + ":commit-" + owner.NewID()
	sess.TrackImage(sess.Engine, ref)
	began := time.Now()
	// These labels stand in place of the container's own, which it would inherit.
	id, err := sess.Engine.Commit(ctx, c.ID, ref, sess.Labels(owner.Image, ref, nil))
	if err != nil {
		return nil, err
	}
	sess.Artifacts.Note("container %s committed as %s, in %v", c.Name, ref, time.Since(began).Round(time.Millisecond))
	return &image.Image{Ref: ref, ID: id, Engine: sess.Engine}, nil
}
