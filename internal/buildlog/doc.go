// SPDX-License-Identifier: Apache-2.0

// Package buildlog reads what docker buildx build prints with --progress plain: which steps
// there are, which one failed, and why. The build's own words end with BuildKit's account of
// itself, "failed to solve: process … did not complete successfully"; what the step printed
// stands further up.
//
// It promises the step's own error, if it had one, and the place in the Dockerfile, if the log
// tells it. It runs nothing, reads no file, and quotes: no line of it is made up.
package buildlog
