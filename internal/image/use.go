// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/hostpath"
	"github.com/seatrial/seatrial/internal/lock"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/sweep"
)

// markUsed tags a built image as used today, and returns its id, or "" if the
// engine does not have it.
func markUsed(ctx context.Context, sess *session.Session, ref string) (id string, err error) {
	is, err := sess.Engine.Image(ctx, ref)
	if engine.IsNotFound(err) || err == nil && is.Labels[owner.LabelKind] != owner.Image {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("looking for image %q: %w", ref, err)
	}
	marked, err := sweep.MarkUse(ctx, sess.Engine, ref, is, time.Now())
	if !marked || err != nil {
		return "", err
	}
	return is.ID, nil
}

// withLock takes a lock on this machine for work that is needed only once on this
// engine.
func withLock(ctx context.Context, sess *session.Session, key, what string, say session.Progress) (release func(), err error) {
	id, err := sess.On.Identity(ctx)
	if err != nil {
		return nil, err
	}
	release, err = lock.Take(ctx, lock.Dir(), id+" "+key, what, func(holder string) {
		if holder == "" {
			holder = what
		}
		sess.Artifacts.Note("waiting for another test that works on %s", holder)
		if !lock.IsMine(holder) { // this process reports its own progress
			say("waiting for another process that works on %s", holder)
		}
	})
	if err != nil && ctx.Err() == nil { // the directory may not be writable: then the work may be done twice
		sess.Artifacts.Note("without a lock: %v", err)
		return func() {}, nil
	}
	return release, err
}

// trimming is done once for an engine.
type trimming struct{ sync.Once }

// trimBuilt removes built images that nobody used for long, at most once a day on
// this machine and engine. It does so beside the build; the test's end waits for
// it, but not for long.
func trimBuilt(sess *session.Session, say session.Progress) {
	if sess.On.Temporary {
		return
	}
	session.PerEngine[trimming](sess.On).Do(func() {
		sess.Background(func() {
			ctx, cancel := context.WithTimeout(context.Background(), trimLimit)
			defer cancel()
			id, err := sess.On.Identity(ctx)
			if err != nil {
				return
			}
			n, err := sweep.Trim(ctx, sess.Engine, hostpath.Cache("trimmed"), id, time.Now())
			if err != nil {
				sess.Artifacts.Note("removing images that were not used for days: %v", err)
			} else if n > 0 {
				sess.Artifacts.Note("%d images removed that were not used for days", n)
			}
		})
	})
}

// trimLimit is less than session.VerbsLimit, which bounds what the test's end waits for.
const trimLimit = 15 * time.Second
