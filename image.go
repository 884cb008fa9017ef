// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"

	"github.com/seatrial/seatrial/internal/image"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// An Image is an image that a test built, wrapped or named.
type Image struct {
	// Ref is the reference to give to a container, a project or a Dockerfile.
	// That of a built image begins with localhost/seatrial/, so that no engine
	// ever tries to pull it, and ends with a key to all that went into it.
	Ref string

	// ID is the image's id on the engine. A blank image has none.
	ID string

	image *image.Image
}

// imageHandle returns the handle of an image.
func imageHandle(i *image.Image, err error) (*Image, error) {
	if err != nil {
		return nil, err
	}
	return &Image{Ref: i.Ref, ID: i.ID, image: i}, nil
}

func (i *Image) String() string { return i.Ref }

// Build builds an image from a Dockerfile, with the engine's own BuildKit, and
// fails the test if that fails. What the build prints is kept among the test's
// artifacts, and its steps are shown by go test -v.
//
// The image outlives the test. Its name is made of all that went into it: the
// Dockerfile, what the context holds and the ignore file leaves, arguments, the
// images that it builds on. If the engine has an image of this name, nothing is
// sent there and nothing is run. So a Dockerfile that gets different results from
// the same input, from a package server say, is not run again before the image is
// gone; NoCache does that.
//
// Tests, packages and processes that want one image at the same time have it
// built once. An image that was not used for five days goes, when a later test
// builds something, or by seatrial gc --images.
func Build(t T, s spec.Image) *Image {
	t.Helper()
	return standard.Build(t, s)
}

// Build is the function [Build], on this engine.
func (e *Engine) Build(t T, s spec.Image) *Image {
	t.Helper()
	return tell(t, e.of(), s.TimeLimit, image.BuildLimit, func(ctx context.Context, sess *session.Session, say session.Progress) (*Image, error) {
		return imageHandle(image.Build(ctx, sess, s, say))
	})
}

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
	return tell(t, e.of(), 0, image.PullLimit, func(ctx context.Context, sess *session.Session, say session.Progress) (*Image, error) {
		return imageHandle(image.Wrap(ctx, sess, s, say))
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
	sess, done := begin(t, e.of())
	defer done()
	i := image.Blank(sess, name)
	return &Image{Ref: i.Ref, image: i}
}

// Name returns a name that nobody else has, in no other test, process or -count,
// and that people can read: it begins with the test's name and role, in lower
// case and [a-z0-9-]. With at most 40 characters it leaves room for what Docker
// allows where a stack or a suffix is added. Nothing by this name is looked after
// unless something else says so.
func Name(t T, role string) string { return owner.Name(t.Name(), role, owner.NewID()) }

// Load copies an image of the test to this engine, under the same reference, and
// returns the handle of the copy. If the engine has it already, nothing is sent.
// The copy outlives the test, as a built image does.
func (e *Engine) Load(t T, i *Image) *Image {
	t.Helper()
	return do(t, e.of(), 0, image.LoadLimit, func(ctx context.Context, sess *session.Session) (*Image, error) {
		if i == nil || i.image == nil {
			return nil, errors.New("loading an image: it is not one that Build or Load returned")
		}
		return imageHandle(image.Load(ctx, sess, i.image))
	})
}
