// SPDX-License-Identifier: Apache-2.0

// Package image builds, finds and pulls images.
//
// A built image's name has a hash of its whole input, so that the same input is built only
// once: a lock on this machine lets one process build, and the others find the name on the
// engine. One function, readInput, decides what the input is, and another, package
// dockerfile's Bases, what a Dockerfile builds on; both serve Build as well as the services
// of Compose files and stacks.
//
// It promises that a failed build leaves nothing, and that a context that changed during
// the build never gets the name of another one. It changes no Dockerfile on disk, and
// asks a registry only to pull.
package image
