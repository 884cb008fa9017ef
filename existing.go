// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// WrapImage returns the handle of an image that the test does not build, and
// pulls it if that is asked for or needed. Tests, packages and processes that
// want one image at the same time have it pulled once. It stays after the test,
// unless spec.ExistingImage.Owned says that it goes.
func WrapImage(t T, s spec.ExistingImage) *Image {
	t.Helper()
	return standard.WrapImage(t, s)
}

const pullLimit = 20 * time.Minute

// WrapImage is the function [WrapImage], on this engine.
func (e *Engine) WrapImage(t T, s spec.ExistingImage) *Image {
	t.Helper()
	return do(t, e.of(), 0, pullLimit, func(ctx context.Context, sc *session.Session) (*Image, error) {
		return wrapImage(ctx, sc, s, session.ProgressOf(t))
	})
}

func wrapImage(ctx context.Context, sc *session.Session, s spec.ExistingImage, say session.Progress) (*Image, error) {
	if s.Ref == "" {
		return nil, errors.New("wrapping an image: Ref is not given")
	}
	var err error
	switch s.Pull {
	case "", spec.PullMissing:
		err = provideImage(ctx, sc, s.Ref, s.Platform, say)
	case spec.PullAlways:
		err = pullImage(ctx, sc, s.Ref, s.Platform, true, say)
	case spec.PullNever:
	default:
		err = report.Field("Pull", "%q is none of missing, always and never", s.Pull)
	}
	if err != nil {
		return nil, fmt.Errorf("wrapping image %q: %w", s.Ref, err)
	}
	id, err := sc.Engine.ImageID(ctx, s.Ref)
	if engine.IsNotFound(err) {
		return nil, fmt.Errorf("wrapping image %q: the engine (%s) does not have it, and Pull says never", s.Ref, sc.Engine.Host())
	}
	if err != nil {
		return nil, fmt.Errorf("wrapping image %q: %w", s.Ref, err)
	}
	if s.Owned {
		sc.TrackImage(sc.Engine, s.Ref)
	}
	return &Image{Ref: s.Ref, ID: id, engine: sc.Engine}, nil
}

// provideImage makes sure that the engine has an image: that for a platform, if it
// must be pulled.
func provideImage(ctx context.Context, sc *session.Session, ref, platform string, say session.Progress) error {
	unique := strings.HasPrefix(ref, owner.ImageRoot) || strings.HasPrefix(ref, "sha256:")
	if unique {
		platform = ""
	}
	has, err := sc.Engine.HasImage(ctx, ref, platform)
	switch {
	case err != nil || has:
		return err
	case unique:
		return notOnEngine(sc, ref)
	}
	return pullImage(ctx, sc, ref, platform, false, say)
}

// pullImage pulls an image, unless another process has just done so; or in any
// case.
func pullImage(ctx context.Context, sc *session.Session, ref, platform string, always bool, say session.Progress) error {
	release, err := withLock(ctx, sc, "pull "+ref, "pulling image "+ref, say)
	if err != nil {
		return err
	}
	defer release()
	if !always {
		if has, err := sc.Engine.HasImage(ctx, ref, platform); err != nil || has {
			return err
		}
	}
	say("pulling image %s", ref)
	began := time.Now()
	if err := sc.Engine.Pull(ctx, ref, platform, engine.Command{}); err != nil {
		return err
	}
	sc.Artifacts.Note("image %s pulled, in %v", ref, time.Since(began).Round(time.Millisecond))
	return nil
}

// BlankImage returns a name for an image that the test builds by other means, a
// command say, with this as its readable part. Whatever the engine has under the
// name at the end of the test goes with it, also after a kill; nothing is fine,
// too.
func BlankImage(t T, name string) *Image {
	t.Helper()
	return standard.BlankImage(t, name)
}

// BlankImage is the function [BlankImage], on this engine.
func (e *Engine) BlankImage(t T, name string) *Image {
	t.Helper()
	sc, done := begin(t, e.of())
	defer done()
	role := owner.Slug(name)
	if role == "" {
		role = "image"
	}
	ref := owner.Building(role, sc.Owner)
	sc.TrackImage(sc.Engine, ref)
	return &Image{Ref: ref, engine: sc.Engine}
}

// Name returns a name that nobody else has, in no other test, process or -count,
// and that people can read: it begins with the test's name and role, in lower
// case and [a-z0-9-]. With at most 40 characters it leaves room for what Docker
// allows where a stack or a suffix is added. Nothing by this name is looked after
// unless something else says so.
func Name(t T, role string) string { return owner.Name(t.Name(), role, owner.NewID()) }
