// SPDX-License-Identifier: Apache-2.0

// Package outside removes what a private engine has outside of its namespaces.
//
// When the engine's first process ends, the kernel removes all its processes, mounts and
// network devices. It does not remove the engine's directory, a second one for its socket if
// the path of the first is too long, its control groups, and the firewall rules for its link.
// All of these are named after the directory, or follow from the note in it.
//
// It removes these and nothing else, for anyone who finds the directory, and may be called
// repeatedly. Package dockerd starts engines and writes the note.
package outside
