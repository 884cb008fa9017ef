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
	// Context, or, if Context is empty, to the working directory. It may lie
	// outside of the context. Empty means "Dockerfile".
	Dockerfile string

	// Files are files and directories that are added to the root of the
	// context, under their own base names: absolute, or relative to the directory
	// of the Dockerfile. They replace files of the same name in the context: a
	// Dockerfile among them is the one that is built, and an ignore file the one
	// that counts. No ignore file excludes them. Two with the same base name are an
	// error. The context itself stays as it is: the build uses links to its files,
	// or copies if its file system does not allow links.
	Files []string

	// Args are build arguments. An argument without an ARG in the Dockerfile is an
	// error.
	Args map[string]string

	// Images replaces images that the Dockerfile names in FROM, COPY --from and RUN
	// --mount. It maps a reference to another one: {"example/base:2": img.Ref}. Build
	// arguments are substituted first, those of Args before defaults. References are
	// compared in their full form, so that app, app:latest and
	// docker.io/library/app:latest are the same. Names of stages are not images. A key
	// that the Dockerfile does not name is an error. The Dockerfile itself stays as it
	// is.
	Images map[string]string

	// Target is the stage to build. Empty means the last one.
	Target string

	// Platform is the platform to build for: linux/arm64. Empty means the engine's own.
	Platform string

	// Secrets are build secrets by their ids, for RUN --mount=type=secret. Their
	// content is not part of the hash by which an image is found again, as it is
	// not part of BuildKit's cache keys: an image that was built with another
	// secret is used.
	Secrets map[string]BuildSecret

	// SSH are agent sockets or keys for RUN --mount=type=ssh, as docker build takes
	// them: "default", "id=path".
	SSH []string

	// NoCache runs every step again. No other test uses such an image, and it is
	// removed at the end of the test.
	NoCache bool

	// TimeLimit bounds the build, and the wait for another process that builds the
	// same image. Zero means 20 minutes. A limit that reaches past the test's own
	// deadline fails the test at once.
	TimeLimit time.Duration
}

// BuildSecret is a secret of a build: a file, or a value. A value is passed in the
// environment of the docker command, and is never written to a file.
type BuildSecret struct {
	File  string // absolute, or relative to the working directory
	Value string
}

// ExistingImage names an image that the test does not build. Only Ref must be
// given.
type ExistingImage struct {
	// Ref is its reference.
	Ref string

	// Pull says when to pull the image, with the credentials of the docker command.
	// Empty means PullMissing.
	Pull PullPolicy

	// Platform is the platform to pull for: linux/arm64. Empty means the
	// engine's own.
	Platform string

	// Owned removes this reference at the end of the test, unless a container of
	// somebody else uses it. After a test that was killed it stays nevertheless.
	// Without Owned it is never removed.
	Owned bool
}

// PullPolicy says when an image is pulled.
type PullPolicy string

const (
	PullMissing PullPolicy = "missing" // when the engine does not have it
	PullAlways  PullPolicy = "always"  // even if the engine has it, because the registry may have a newer one
	PullNever   PullPolicy = "never"   // a missing image is an error
)
