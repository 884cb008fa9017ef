// SPDX-License-Identifier: Apache-2.0

// Package command runs docker commands, and other programs, for a test: to their end, or in
// the background.
//
// A command belongs to a session, which does not end before it. The package promises that
// secrets are hidden in artifacts, that the whole output is in two files, and that processes
// in the command's group end with it. Objects that a command makes on the engine do not
// belong to the test, unless their names come from Own.
//
// It reads output only to wait for a line: a verb that runs a docker command interprets the
// output itself.
package command
