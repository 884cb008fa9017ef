// SPDX-License-Identifier: Apache-2.0

// Package buildcontext reads the directory that an image is built from, as docker build would:
// without what the ignore file excludes. It says what is in it by content, so that the same
// files have the same key, wherever they lie and whenever they were written. It also stages a
// copy of a context with files added to it.
//
// It promises to find each difference that a build could see, and to tell a file that can be
// read from one that cannot. A [Memo] remembers contents from run to run, so that a directory
// that did not change costs a walk and not a read.
//
// The directory is never written, no Dockerfile is read here, and no engine is asked.
package buildcontext
