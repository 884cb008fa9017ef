// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/session"
)

// LoadLimit bounds Load.
const LoadLimit = 10 * time.Minute

// Load copies an image from its engine to the session's, unless that has it.
func Load(ctx context.Context, sess *session.Session, i *Image) (*Image, error) {
	began := time.Now()
	if err := sess.Engine.Load(ctx, i.Engine, i.Ref); err != nil {
		return nil, fmt.Errorf("loading image %s into the engine %s: %w", i.Ref, sess.Engine.Host(), err)
	}
	id, err := markUsed(ctx, sess, i.Ref)
	if id == "" && err == nil { // the image has a name, but was never built
		id, err = sess.Engine.ImageID(ctx, i.Ref)
	}
	if err != nil {
		return nil, fmt.Errorf("loading image %s into the engine %s: %w", i.Ref, sess.Engine.Host(), err)
	}
	sess.Artifacts.Note("image %s loaded into the engine %s, in %v", i.Ref, sess.Engine.Host(), time.Since(began).Round(time.Millisecond))
	return &Image{Ref: i.Ref, ID: id, Engine: sess.Engine}, nil
}
