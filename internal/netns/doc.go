// SPDX-License-Identifier: Apache-2.0

// Package netns works in network namespaces other than the process's own: it makes one, or
// finds that of a process, and calls a function in it.
//
// It promises that no other goroutine is moved: a thread that was in another namespace is
// never used for anything else. On systems without namespaces, a [Space] has no methods
// that do anything. Callers set up the network inside.
package netns
