// SPDX-License-Identifier: Apache-2.0

package spec

// Build says how an image of a project is built, other than its files have it.
// Relative names are relative to the working directory, which in a Go test is
// the directory of the package.
type Build struct {
	// Context is the directory to build from. Empty means the files' own.
	Context string

	// Dockerfile is the name of the Dockerfile: absolute, or relative to the
	// context, where it may be one of Files. Empty means the files' own.
	Dockerfile string

	// Files are put into the root of the context before it is built: into a copy of
	// it, never into the directory itself. They win over what the context has of
	// their name: a Dockerfile among them is the one that is built, and an ignore
	// file the one that counts. Two of one base name are an error.
	Files []string

	// Args are build arguments, which win over those in the files. One that the
	// Dockerfile has no ARG for is an error.
	Args map[string]string
}
