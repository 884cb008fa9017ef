// SPDX-License-Identifier: Apache-2.0

package spec

// Need lists what a test requires of an engine. Zero fields require nothing.
type Need struct {
	// API and Compose are the minimum versions: "1.44", "2.30".
	API     string
	Compose string

	// Platform is the native platform of the engine: "linux/amd64".
	Platform string

	// Manager requires that the engine manages a swarm.
	Manager bool

	// HostFiles requires that the engine has the files of this machine, so that
	// containers can mount them.
	HostFiles bool

	// Root requires that the engine runs as root, and shares the user ids of its host.
	Root bool
}
