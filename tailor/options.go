// SPDX-License-Identifier: Apache-2.0

package tailor

// Options are what Compose needs beside the spec.
type Options struct {
	// Base are variables of the process that may reach the files, as BaseEnv
	// picks them. The spec's own win over them.
	Base map[string]string
	// EnvFiles are read instead of the .env in the project directory, as with
	// docker compose --env-file.
	EnvFiles []string
	// HostIP is the address on which the engine is to publish ports; empty means
	// 127.0.0.1. It is needed where the engine's loopback is not the caller's.
	HostIP string
	// Platform is what the engine runs, linux/arm64, as the base of a Dockerfile may
	// depend on it; empty means Linux on this machine's processor.
	Platform string
	// IPv6Networks are the names of networks of the engine that have no IPv4. Ports
	// of services on them, and on no other, are published over IPv6.
	IPv6Networks []string
	// OverrideOnly is for a caller who passes the override to docker compose and
	// does nothing else for the plan: no leases, no copies, no builds of its own.
	// What would be leased is left to the engine or stays as it is, containers go on
	// to write to the directories of the checkout, and findings say so. What the spec
	// says and an override cannot is refused: an image that a Dockerfile builds on,
	// further files of a build, replaced text.
	OverrideOnly bool
	// Read reads a file, given its absolute name; nil means os.ReadFile. Files
	// that include and extends refer to are also opened by Compose's loader
	// itself, which knows the file system only.
	Read func(name string) ([]byte, error)
}

// StackOptions are what Stack needs beside the spec.
type StackOptions struct {
	// Base are variables of the process that may reach the files, as BaseEnv
	// picks them. The spec's own win over them.
	Base map[string]string
	// NameLength is the length of the name that the stack will have, by which
	// names are judged that become too long with it. Zero means 12.
	NameLength int
	// Platform is what the manager's engine runs, linux/arm64; empty means Linux on
	// this machine's processor.
	Platform string
	// Read reads a file, given its absolute name; nil means os.ReadFile.
	Read func(name string) ([]byte, error)
}
