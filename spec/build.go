// SPDX-License-Identifier: Apache-2.0

package spec

// Build changes how an image of a project or stack is built. Relative names are
// relative to the working directory, which in a Go test is the directory of the
// package.
type Build struct {
	// Context is the directory to build from. Empty means the one that the files name.
	Context string

	// Dockerfile is the name of the Dockerfile: absolute, or relative to the
	// context, where it may be one of Files. Empty means the one that the files
	// name.
	Dockerfile string

	// Files are added to the root of the context, in a copy of it, never in the
	// directory itself. They replace files of the same name in the context: a
	// Dockerfile among them is the one that is built, and an ignore file the one
	// that counts. Two with the same base name are an error.
	Files []string

	// Args are build arguments, which override those in the files. An argument
	// without an ARG in the Dockerfile is an error.
	Args map[string]string
}
