// SPDX-License-Identifier: Apache-2.0

// Package owner says whose an object on the engine is, and who may delete it: the labels that
// it carries, the names that are made for it, and the verdict on one that was found.
//
// A [Tuple] is what the labels say: the run, the test, the process and until when; a [Judge]
// has the facts (which process lives, what time the engine has) and gives the [Verdict]. What
// is not certainly ours, or may still be used, is never to be removed.
//
// It is pure: no engine, no clock, no look at the processes of the machine. It imports nothing
// of ours, and labels mean the same to all versions of seatrial.
package owner
