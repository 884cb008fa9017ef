// SPDX-License-Identifier: Apache-2.0

// Package sweep removes what a dead process left: objects of the engine, and directories of
// this machine.
//
// It lists objects with seatrial's labels, lets package owner judge each ([Assess]), and
// removes them in the order that the engine requires: those that use others first. It serves
// the end of a test, the watchdog, the next run and seatrial gc. It also removes built images
// that have not been used for days ([Unused]).
//
// It never removes objects of a living process or of others, and leaves kept objects until
// their time is up. It may be called repeatedly and concurrently. It does not decide ownership
// itself, and starts nothing.
package sweep
