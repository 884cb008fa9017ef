// SPDX-License-Identifier: Apache-2.0

package spec

import "time"

// Image asks for an image to be built from a Dockerfile.
type Image struct {
	// Context is the directory that COPY and ADD refer to. Relative names are
	// relative to the working directory, which in a Go test is the directory
	// of the package. Empty means an empty context, never the working
	// directory. Nothing is ever written to it.
	Context string

	// Dockerfile is the name of the Dockerfile: absolute, or relative to
	// Context, or, where there is no Context, to the working directory. It may
	// lie outside of the context. Empty means "Dockerfile".
	Dockerfile string

	// Args are build arguments.
	Args map[string]string

	// Target is the stage to build. Empty means the last.
	Target string

	// NoCache builds every step again.
	NoCache bool

	// TimeLimit bounds the build. Zero means 20 minutes. One that the
	// test's own deadline leaves no room for fails the test at once.
	TimeLimit time.Duration
}
