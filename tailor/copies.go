// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// Copy asks for a copy of a file or directory, to be mounted in place of the
// original, because containers may write to it.
type Copy struct {
	Place
	// Source is the absolute path of the original. If it does not exist, the copy is
	// an empty directory. All mounts of one Source share one copy; a Source inside
	// that of another Copy is a part of its copy.
	Source string `json:"source"`
	// Target is the path in the container at which the copy is mounted.
	Target string `json:"target"`
	// Volume is, in a StackPlan, the key of the volume that the document mounts at
	// Target: the caller makes it and fills it.
	Volume string `json:"volume,omitempty"`
	// Why says what would happen if all runs of the project used the original.
	Why string `json:"why"`

	at   modeltree.Path
	what string
}

// String returns one line: FILE:LINE service db: ./data → a copy for each run (why).
func (c Copy) String() string {
	return fmt.Sprintf("%s%s (%s)", c.prefix(c.at), c.what, c.Why)
}

// ContextCopy asks for a copy of a build context, with more files in it.
type ContextCopy struct {
	Place
	// Variable is the variable that takes the absolute name of the copy.
	Variable string `json:"variable"`
	// Context is the absolute name of the directory to copy.
	Context string `json:"context"`
	// Files are the absolute names of the files to put into the root of the copy,
	// even if a .dockerignore file excludes them.
	Files []string `json:"files"`
}

// Dockerfile is a Dockerfile that must build on other images than it names.
type Dockerfile struct {
	Place
	// Context is the absolute name of the build context, or an address that Compose
	// accepts instead.
	Context string `json:"context"`
	// Name is the absolute name of the Dockerfile, or Inline is its text, if that is
	// in the Compose file (dockerfile_inline).
	Name   string `json:"name,omitempty"`
	Inline string `json:"inline,omitempty"`
	// Images maps references that the Dockerfile names to the images to build on
	// instead.
	Images map[string]string `json:"images"`

	at      modeltree.Path
	changes []dockerfileChange
}

// A dockerfileChange is an image that a Dockerfile names, and the one to build on instead.
type dockerfileChange struct{ place, old, new, reason string }

// String is what happens, in words.
func (c dockerfileChange) String() string {
	return fmt.Sprintf("%s builds on %s → %s (%s)", c.place, c.old, c.new, c.reason)
}

// Text is a file in which the spec's Replace changed text.
type Text struct {
	// File is the absolute name of the shipped file. Content is the new content.
	File    string `json:"file"`
	Content string `json:"content"`

	shown, before string
	changes       []string // in words
}

const defaultCopyLimit = 256 << 20
