// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"github.com/seatrial/seatrial/internal/image"
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
