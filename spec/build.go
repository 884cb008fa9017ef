// SPDX-License-Identifier: Apache-2.0

package spec

// Build says how an image of a project is built, other than its files have it.
// Relative names are relative to the working directory, which in a Go test is
// the directory of the package.
type Build struct {
	// Context is the directory to build from. Empty means the files' own.
	Context string

	// Dockerfile is the name of the Dockerfile, relative to the context. Empty
	// means the files' own.
	Dockerfile string

	// Files are put into the root of the context before it is built: into a copy of
	// it, never into the directory itself. Two of one base name are an error.
	Files []string
}
