// SPDX-License-Identifier: Apache-2.0

package spec

// Need is what a test cannot do without. Fields that are not set are not needed.
type Need struct {
	// API and Compose are the oldest versions that will do: "1.44", "2.30".
	API     string
	Compose string

	// Platform is what the engine runs by itself: "linux/amd64".
	Platform string

	// Manager says that the engine manages a swarm.
	Manager bool

	// HostFiles says that the engine has the files of this machine, so that
	// containers can mount them.
	HostFiles bool

	// Root says that the engine runs as root, and with the users of its host.
	Root bool
}
