// SPDX-License-Identifier: Apache-2.0

// Package dockerd runs a private Docker engine for a test: in its own namespaces, with all its
// files in one directory, and with a first process that ends with the process that started it,
// however that ends.
//
// A [Rack] has engines that reach one another, as the nodes of a swarm do, and can break
// the links between them. Each engine has a registry, which those of a rack share.
//
// It promises that every change to the machine ends with the engine, or is found and removed
// later by package outside. It needs Linux, root and the engine's programs, and says which
// of these is missing. It does not use the engine's API: package swarmtest does.
package dockerd
