// SPDX-License-Identifier: Apache-2.0

// Package watchdog is the process that outlives a killed test and removes what it left.
//
// It is the test's own program, started again in a session of its own. Its standard input is
// a pipe, whose end of file means that the test's process is gone. It needs no image, no
// container and no privilege that the test does not have. Any program that links this package
// can be its own watchdog: the package's init takes over when the environment says so. The
// init functions of packages that Go initializes earlier run in it, too; if one of them exits
// or takes too long, there is no handshake, and the test goes on without a watchdog.
//
// It promises that the run's objects on the engine are gone seconds after the run's process,
// and ends docker commands of the run first, because they could make more. While that process
// lives it touches nothing of the run, but removes what other dead processes left.
package watchdog
