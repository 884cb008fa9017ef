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

// An Image is an image that a test built, wrapped, committed or named.
type Image struct {
	// Ref is the reference to give to a container, a project or a Dockerfile.
	// The reference of a built image begins with localhost/seatrial/, so that no
	// engine ever tries to pull it, and ends with a hash of everything that went
	// into it.
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

// String returns the Ref.
func (i *Image) String() string { return i.Ref }

// Build builds an image from a Dockerfile, with the engine's own BuildKit, and
// fails the test if that fails. The build's output is kept among the test's
// artifacts, and go test -v shows its steps.
//
// The image outlives the test. Its name has a hash of everything that goes into it:
// the Dockerfile, the files of the context that the ignore file does not exclude,
// arguments, and the images that it builds on. If the engine has an image of this
// name, nothing is sent and nothing is run. So a Dockerfile whose result also
// depends on something else, a package server say, is not run again as long as the
// image is there; spec.Image.NoCache runs it in any case.
//
// If tests, packages or processes need the same image at the same time, it is built
// once. An image that nobody has used for five days is removed when a later test
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

// WrapImage returns the handle of an image that the test does not build, and pulls
// it if the spec asks for that or the engine lacks it. If tests, packages or
// processes need the same image at the same time, it is pulled once. The image
// stays after the test, unless spec.ExistingImage.Owned is set.
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

// BlankImage returns the handle of an image that does not exist yet, with a unique
// reference: the test builds the image by other means, by a command say. The name is
// the readable part of the reference. If the engine has an image of that reference at
// the end of the test, or after the test was killed, it is removed.
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

// Name returns a name that no other test, process or repetition (-count) has. It is
// readable: it begins with the test's name and the role, in the characters
// [a-z0-9-]. It has at most 40 characters, so that Docker's limits leave room for a
// prefix or suffix. An object that the test gives this name is not removed at the end
// of the test; for that see [Own].
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
