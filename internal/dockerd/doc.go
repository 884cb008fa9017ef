// SPDX-License-Identifier: Apache-2.0

// Package dockerd runs a Docker engine of a test's own: in namespaces of its own, with all its
// files in one directory, and with a first process that ends when its starter does, however
// that ends.
//
// A [Rack] holds engines that reach one another, as the nodes of a swarm do, and breaks the
// links between them. With an engine comes a registry, for images that all of them pull.
//
// It promises that nothing of the machine is changed that does not end with the engine, or
// that package outside does not find and remove after it. It needs Linux, root and the
// engine's programs, and says which of them is lacking. It talks to no engine's API: package
// swarmtest does.
package dockerd
