// SPDX-License-Identifier: Apache-2.0

// Package session is one test on one engine, from its first verb to its end.
//
// It owns the list of what a test made, on which engine, and under which labels; the
// test's artifact directory; how long a verb may take; and the end, which saves the
// evidence of a failed test and then removes everything, or leaves it to people where
// SEATRIAL_KEEP says so. What the whole process has once (engines that were found, the
// watchdog) is here, too: see process.
//
// To those above it promises that a [Resource] that was tracked before it could exist on
// the engine goes with the test, whatever happens in between: by the end of the test, by
// the watchdog if the process dies, or by the next run. A test does not end before the
// verbs that it began.
//
// It knows no kind of resource: containers, projects and stacks are in the packages above,
// which hand it functions. It fails no test but at its end; all else returns an error.
package session
