// SPDX-License-Identifier: Apache-2.0

// Package watchdog is the process that outlives a killed test, and removes what that left.
//
// It is this very program, started again in a session of its own, with a pipe as its standard
// input whose end of file means that the test's process is gone. It needs no image, no
// container and no privilege that the test does not have. Any program that links this package
// can be its own watchdog: the package's init takes over when the environment says so. The
// init functions of packages that Go initializes earlier run in it too; should one of them
// exit, or take long, there is no handshake, and the test goes on without a watchdog.
//
// It promises that what the engine had of the run is gone seconds after the run's process, and
// that docker commands of the run are ended first, for they may still make something. It
// touches nothing of the run while that process lives; meanwhile it looks for what others
// left.
package watchdog
