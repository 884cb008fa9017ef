// SPDX-License-Identifier: Apache-2.0

// Package lock keeps processes, and goroutines of one, from doing the same work at once. A
// lock has a key for the machine and words for people, so that who waits is told for whom.
//
// The lock of a process that dies is free again: it is the kernel's, on a file of this user's.
// Where there is no place for such a file there is no lock, and work goes on. It holds for one
// machine and one user: what all users of an engine have to agree on is in package lease.
package lock
