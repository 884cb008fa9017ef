// SPDX-License-Identifier: Apache-2.0

// Package buildcontext reads the directory that an image is built from, as docker build would:
// without what the ignore file excludes. It hashes the content, so that the same files have
// the same key, wherever they are and whenever they were written. It also stages a copy of a
// context with files added to it.
//
// It promises to find each difference that a build could see, and to tell a file that can be
// read from one that cannot. A [Memo] remembers contents from run to run, so that a directory
// that did not change costs a walk and not a read.
//
// It never writes to the directory, reads no Dockerfile, and asks no engine.
package buildcontext
