// SPDX-License-Identifier: Apache-2.0

// Package command runs docker commands, and other programs, in the name of a test: to their
// end, or in the background.
//
// A command is of the session that it was started for, which does not end before it. It
// promises that secrets are hidden in what it leaves, that all that it printed is in two
// files, and that what it started in its process group ends with it. What a command makes on
// the engine is nobody's, unless the test has owned it beforehand.
//
// It reads no output but to wait for a line of it: what docker says to a command that a verb
// runs is for the package of that verb.
package command
