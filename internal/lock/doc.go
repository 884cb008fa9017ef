// SPDX-License-Identifier: Apache-2.0

// Package lock keeps processes, and goroutines of one, from doing the same work at once. A
// lock has a key, and words for people, so that a process that waits can say for whom.
//
// The kernel keeps the lock, on a file of this user, and frees it when its process dies. If
// there is no directory for such files, there is no lock, and work goes on. A lock is for one
// machine and one user: for locks among all users of an engine see package lease.
package lock
