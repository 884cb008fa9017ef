// SPDX-License-Identifier: Apache-2.0

// Package denied says why a program in a container may not do what it wanted with a file.
// "permission denied" names the file at best, and not whose it is, who asked, or that it lies
// on a mount that is read-only.
//
// It finds the file in the line that the program printed, and compares: the user with the
// owner and the mode, the path with the mounts. It promises to say nothing where it cannot be
// sure. It knows no engine: what is mounted and whose a file is, it is told.
package denied
