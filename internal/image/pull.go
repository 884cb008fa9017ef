// SPDX-License-Identifier: Apache-2.0

package image

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/progress"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// PullLimit bounds a pull.
const PullLimit = 20 * time.Minute

// Wrap returns an image that is not built here, and pulls it if the spec asks for that or
// the engine lacks it.
func Wrap(ctx context.Context, sess *session.Session, s spec.ExistingImage, say session.Progress) (*Image, error) {
	if s.Ref == "" {
		return nil, errors.New("wrapping an image: Ref is not given")
	}
	var err error
	switch s.Pull {
	case "", spec.PullMissing:
		err = Provide(ctx, sess, s.Ref, s.Platform, say)
	case spec.PullAlways:
		err = Pull(ctx, sess, s.Ref, s.Platform, true, say)
	case spec.PullNever:
	default:
		err = report.Field("Pull", "%q is not one of missing, always and never", s.Pull)
	}
	if err != nil {
		return nil, fmt.Errorf("wrapping image %q: %w", s.Ref, err)
	}
	id, err := sess.Engine.ImageID(ctx, s.Ref)
	if engine.IsNotFound(err) {
		return nil, fmt.Errorf("wrapping image %q: the engine (%s) does not have it, and Pull says never", s.Ref, sess.Engine.Host())
	}
	if err != nil {
		return nil, fmt.Errorf("wrapping image %q: %w", s.Ref, err)
	}
	if s.Owned {
		sess.TrackImage(sess.Engine, s.Ref)
	}
	return &Image{Ref: s.Ref, ID: id, Engine: sess.Engine}, nil
}

// Provide makes sure that the engine has an image. If it must be pulled, the platform is
// used.
func Provide(ctx context.Context, sess *session.Session, ref, platform string, say session.Progress) error {
	unique := strings.HasPrefix(ref, owner.ImageRoot) || strings.HasPrefix(ref, "sha256:")
	if unique {
		platform = ""
	}
	has, err := sess.Engine.HasImage(ctx, ref, platform)
	switch {
	case err != nil || has:
		return err
	case unique:
		return NotOnEngine(sess, ref)
	}
	return Pull(ctx, sess, ref, platform, false, say)
}

// Pull pulls an image. Unless always is set, it does nothing if another process has just
// pulled the image.
func Pull(ctx context.Context, sess *session.Session, ref, platform string, always bool, say session.Progress) error {
	release, err := withLock(ctx, sess, "pull "+ref, "pulling image "+ref, say)
	if err != nil {
		return err
	}
	defer release()
	if !always {
		if has, err := sess.Engine.HasImage(ctx, ref, platform); err != nil || has {
			return err
		}
	}
	tell := func(e progress.Event) {
		e.Kind, e.Image = progress.KindPull, ref
		sess.Tell(say, e)
	}
	tell(progress.Event{State: progress.Began})
	began := time.Now()
	if sess.IsHeard() {
		err = sess.Engine.PullWithProgress(ctx, ref, platform, &pullLog{tell: tell, now: time.Now})
	} else {
		err = sess.Engine.Pull(ctx, ref, platform)
	}
	if err != nil {
		return err
	}
	took := time.Since(began).Round(time.Millisecond)
	tell(progress.Event{State: progress.Done, Took: took})
	sess.Artifacts.Note("image %s pulled, in %v", ref, took)
	return nil
}

// Missing returns an error for each reference of an image of ours that the engine does
// not have.
func Missing(ctx context.Context, sess *session.Session, refs []string) ([]error, error) {
	var missing []error
	for _, ref := range refs {
		if !strings.HasPrefix(ref, owner.ImageRoot) {
			continue
		}
		has, err := sess.Engine.HasImage(ctx, ref, "")
		if err != nil {
			return nil, err
		}
		if !has {
			missing = append(missing, NotOnEngine(sess, ref))
		}
	}
	return missing, nil
}

// NotOnEngine is the error for an image of ours that is not on this engine. As no
// registry has it either, none is asked.
func NotOnEngine(sess *session.Session, ref string) error {
	return fmt.Errorf("image %q comes from no registry, and this engine (%s) does not have it\n    hint: Engine.Load brings it there", ref, sess.Engine.Host())
}
