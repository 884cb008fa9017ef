// SPDX-License-Identifier: Apache-2.0

// Package netns works in other network namespaces than the process's own: it makes one, or
// finds that of a process, and calls a function in it.
//
// It promises that no other goroutine is moved: the thread that was in another namespace is
// never used for anything else. Where there are none, there is nothing to be done with a
// [Space]. What is set up inside is for its callers.
package netns
