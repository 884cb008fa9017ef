// SPDX-License-Identifier: Apache-2.0

package spec

import "io/fs"

// Secret asks for a secret of a swarm, or, with the verb for that, a config. One
// of File and Content says what is in it, byte for byte: no line's end is added,
// and none is taken away. A swarm takes up to 500 KiB of a secret, and 1,000 KiB of
// a config.
type Secret struct {
	// Name is its role: "licence", "db.properties". Its own name in the swarm
	// contains that, is unique, and has the same ending: it is also the file that
	// services see, unless they ask for another one.
	Name string

	// File is the file that has the content. A relative name is relative to the
	// working directory, which in a Go test is the directory of the package.
	File string

	// Content is the content itself.
	Content string

	// Labels are put on it, beside those that say whose it is.
	Labels map[string]string
}

// SecretFile is a secret, or a config, that the containers of a service see as a
// file.
type SecretFile struct {
	// Name is the name in the swarm: that of a secret of the test (its Name), or
	// of any other that is there.
	Name string

	// Target is the file. One that is not absolute is below /run/secrets, or, of
	// a config, below the root. Empty means Name.
	Target string

	// UID and GID say whose the file is. Empty means root.
	UID, GID string

	// Mode is what the file allows. Zero means 0444, for everybody to read.
	Mode fs.FileMode
}
