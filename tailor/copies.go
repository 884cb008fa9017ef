// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// Copy is a place in a container where it is to find a copy of what the files
// mount there.
type Copy struct {
	Place
	// Source is the absolute path of what to copy, and Target where it goes in
	// the container. What does not exist is an empty directory. Mounts of one source
	// share one copy, and one inside of another belongs into that.
	Source string `json:"source"`
	Target string `json:"target"`
	// Volume is the key of the volume that takes its place, in the document of a
	// stack.
	Volume string `json:"volume,omitempty"`
	// Why says what two copies would do to each other otherwise.
	Why string `json:"why"`

	at   modeltree.Path
	what string
}

// String is one line: FILE:LINE service db: ./data → a copy for each run (why).
func (c Copy) String() string {
	return fmt.Sprintf("%s%s (%s)", c.prefix(c.at), c.what, c.Why)
}

// ContextCopy is a build context that needs further files.
type ContextCopy struct {
	Place
	// Variable takes the absolute name of the copy.
	Variable string `json:"variable"`
	// Context is the absolute name of the directory, and Files are those of
	// the files that go into its root, whatever a .dockerignore says.
	Context string   `json:"context"`
	Files   []string `json:"files"`
}

// Dockerfile is one that a service is built from.
type Dockerfile struct {
	Place
	// Context is the absolute name of the directory, or what else Compose takes.
	// Name is the absolute name of the Dockerfile; Inline is its text, if it
	// stands in the files.
	Context string `json:"context"`
	Name    string `json:"name,omitempty"`
	Inline  string `json:"inline,omitempty"`
	// Images are the images to build on instead of those it names.
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

// Text is a file in which text was replaced.
type Text struct {
	// File is the absolute name of the file as shipped.
	File    string `json:"file"`
	Content string `json:"content"`

	shown, before string
	changes       []string // in words
}

const defaultCopyLimit = 256 << 20
