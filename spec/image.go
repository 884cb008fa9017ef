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

	// Files are files and directories that are added to the root of the
	// context, under their own last name: absolute, or relative to the
	// directory of the Dockerfile. They win over what the context has of this
	// name: a Dockerfile among them is the one that is built, and an ignore file
	// the one that counts. No ignore file excludes them. Two of one name are an
	// error.
	// The context itself stays as it is: what is built from is made of links to
	// its files, or, where its file system does not allow that, of copies.
	Files []string

	// Args are build arguments. One that the Dockerfile has no ARG for is an
	// error.
	Args map[string]string

	// Images replaces images that the Dockerfile builds on, copies or mounts
	// from, reference by reference: {"example/base:2": img.Ref}. Build
	// arguments are filled in first, those of Args before defaults. References
	// are compared whole and in their full form, so that app, app:latest and
	// docker.io/library/app:latest are one. Names of stages are no images. A
	// key that the Dockerfile does not name is an error. The Dockerfile itself
	// stays as it is.
	Images map[string]string

	// Target is the stage to build. Empty means the last.
	Target string

	// Platform is what is built for: linux/arm64. Empty means the engine's own.
	Platform string

	// Secrets are build secrets by their ids, for RUN --mount=type=secret. What
	// they hold is no part of what the image is found by, as it is none of what
	// BuildKit caches by: an image that was built with another value is found.
	Secrets map[string]BuildSecret

	// SSH are agent sockets or keys for RUN --mount=type=ssh, as docker build
	// has them: "default", "id=path".
	SSH []string

	// NoCache builds every step again. Such an image is found by nobody, and
	// goes at the end of the test.
	NoCache bool

	// TimeLimit bounds the build, and the wait for another process that builds
	// the same. Zero means 20 minutes. One that the test's own deadline leaves
	// no room for fails the test at once.
	TimeLimit time.Duration
}

// BuildSecret is a secret of a build: a file, or a value. A value gets there
// through the environment of the docker command, and not through a file.
type BuildSecret struct {
	File  string // absolute, or relative to the working directory
	Value string
}

// ExistingImage names an image that the test does not build. Only Ref must be
// given.
type ExistingImage struct {
	// Ref is its reference.
	Ref string

	// Pull says when it is pulled, with the credentials that the docker command
	// has. Empty means PullMissing.
	Pull PullPolicy

	// Platform is the platform to pull for: linux/arm64. Empty means the
	// engine's own.
	Platform string

	// Owned says that this reference goes with the test, unless a container of
	// somebody else uses it. If the test is killed it stays nevertheless.
	// Without Owned it is never removed.
	Owned bool
}

// PullPolicy says when an image is pulled.
type PullPolicy string

const (
	PullMissing PullPolicy = "missing" // when the engine does not have it
	PullAlways  PullPolicy = "always"  // also when it has, because the registry may have a newer one
	PullNever   PullPolicy = "never"   // a missing image is an error
)
