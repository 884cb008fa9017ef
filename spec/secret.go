// SPDX-License-Identifier: Apache-2.0

package spec

import "io/fs"

// Secret asks for a secret of a swarm or, given to seatrial.CreateConfig, for a
// config. Its content is that of File, or Content, byte for byte: no newline is added
// or removed. A swarm accepts up to 500 KiB for a secret, and 1,000 KiB for a
// config.
type Secret struct {
	// Name is its role: "licence", "db.properties". Its own name in the swarm
	// contains the role, is unique, and has the same file extension: it is also the
	// name of the file that services see, unless SecretFile.Target is set.
	Name string

	// File is the file that has the content. A relative name is relative to the
	// working directory, which in a Go test is the directory of the package.
	File string

	// Content is the content itself.
	Content string

	// Labels are put on it, beside those by which seatrial finds it.
	Labels map[string]string
}

// SecretFile is a secret or config that the containers of a service see as a file.
type SecretFile struct {
	// Name is the name in the swarm: the Name of a secret or config of the test, or
	// any other that exists.
	Name string

	// Target is the path of the file. A relative path is relative to /run/secrets,
	// or, for a config, to the root directory. Empty means Name.
	Target string

	// UID and GID are the owner of the file. Empty means root.
	UID, GID string

	// Mode has the permissions of the file. Zero means 0444, readable for everybody.
	Mode fs.FileMode
}
