// SPDX-License-Identifier: Apache-2.0

// Package owner decides who owns an object on the engine, and who may delete it: it has the
// labels and names of objects, and the verdict on an object that was found.
//
// A [Tuple] is the content of the labels: the run, the test, the process and the end time. A
// [Judge] has the facts (which processes live, the time of the engine) and gives the
// [Verdict]. An object that is not certainly ours, or may still be in use, must never be
// removed.
//
// It is pure: it asks no engine, reads no clock, and does not look at processes. It imports
// nothing of this module, and labels have the same meaning in all versions of seatrial.
package owner
