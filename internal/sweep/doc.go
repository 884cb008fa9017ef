// SPDX-License-Identifier: Apache-2.0

// Package sweep removes what a dead process left: objects of the engine, and directories of
// this machine.
//
// It lists what carries seatrial's labels, has package owner judge each ([Assess]), and
// removes in an order in which the engine lets it: what uses others first. The end of a test,
// the watchdog, the next run and seatrial gc all come here. It also removes built images that
// nobody has used for days ([Unused]).
//
// It promises that nothing of a living process is removed, nor anything that is not ours; that
// what was kept for people stays until its time is up; and that it can be called again, or by
// several at once. It decides no ownership itself, and starts nothing.
package sweep
