// SPDX-License-Identifier: Apache-2.0

// Package outside knows what a private engine has outside of its namespaces, and removes it.
//
// The end of the engine's first process takes along all processes, mounts and network devices:
// the kernel sees to that. What it does not see to are the engine's directory, a second one
// for its socket if the first one's path is too long, its control groups, and the firewall
// rules of its way out. All of them bear the name of the directory, or follow from its note.
//
// It promises to remove that and nothing else, as often as it is asked, by whoever finds the
// directory. It starts nothing: package dockerd does, and writes the note.
package outside
