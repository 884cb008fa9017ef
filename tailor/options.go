// SPDX-License-Identifier: Apache-2.0

package tailor

// Options tells [Compose] what is not in the spec.
type Options struct {
	// Base are variables that the files may use besides the spec's Env, which
	// overrides them. Mostly it is the result of BaseEnv.
	Base map[string]string
	// EnvFiles are read instead of the .env in the project directory, as with
	// docker compose --env-file.
	EnvFiles []string
	// HostIP is the address on which the engine publishes ports. Empty means
	// 127.0.0.1. Set it if the engine's loopback address is not the caller's.
	HostIP string
	// Platform is the engine's platform, linux/arm64 say, on which the base of a
	// Dockerfile may depend. Empty means Linux on this machine's processor.
	Platform string
	// IPv6Networks are the names of those networks of the engine that have no IPv4.
	// Ports of services that are on no other network are published over IPv6.
	IPv6Networks []string
	// OverrideOnly is for a caller who passes the override to docker compose, but
	// leases, copies and builds nothing. Ports and subnets that would be leased are
	// then chosen by the engine, or stay as they are; containers write to the
	// directories of the checkout; findings say where. Fields of the spec that take
	// more than an override are refused: Replace, Reach, StablePorts, files that are
	// added to a build, and images that a Dockerfile builds on. Lock settles nothing.
	OverrideOnly bool
	// Read reads a file, given its absolute name. Nil means os.ReadFile. Included
	// and extended files are also opened by Compose's own loader, which does not
	// use Read.
	Read func(name string) ([]byte, error)
}

// StackOptions tells [Stack] what is not in the spec.
type StackOptions struct {
	// Base are variables that the files may use besides the spec's Env, which
	// overrides them. Mostly it is the result of BaseEnv.
	Base map[string]string
	// NameLength is the length of the stack's future name, which is a part of other
	// names: those that become too long with it are refused. Zero means 12.
	NameLength int
	// Platform is the platform of the manager's engine, linux/arm64 say. Empty means
	// Linux on this machine's processor.
	Platform string
	// Read reads a file, given its absolute name. Nil means os.ReadFile.
	Read func(name string) ([]byte, error)
}
