// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"

	"github.com/seatrial/seatrial/internal/image"
	"github.com/seatrial/seatrial/internal/owner"
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

// WrapImage is the function [WrapImage], on this engine.
func (e *Engine) WrapImage(t T, s spec.ExistingImage) *Image {
	t.Helper()
	return do(t, e.of(), 0, image.PullLimit, func(ctx context.Context, sc *session.Session) (*Image, error) {
		return imageHandle(image.Wrap(ctx, sc, s, session.ProgressOf(t)))
	})
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
	return &Image{Ref: ref, image: &image.Image{Ref: ref, Engine: sc.Engine}}
}

// Name returns a name that nobody else has, in no other test, process or -count,
// and that people can read: it begins with the test's name and role, in lower
// case and [a-z0-9-]. With at most 40 characters it leaves room for what Docker
// allows where a stack or a suffix is added. Nothing by this name is looked after
// unless something else says so.
func Name(t T, role string) string { return owner.Name(t.Name(), role, owner.NewID()) }
