// SPDX-License-Identifier: Apache-2.0

// Package image builds, finds and pulls images.
//
// A built image's name is made of all that went into it, so that the same input is built
// once, whoever asks: by a lock on this machine, and by looking whether the engine has the
// name. One function, readInput, decides what goes in, and one, package dockerfile's Bases,
// what a Dockerfile builds on, for Build as for the services of Compose files and stacks.
//
// It promises that a build which does not end well leaves nothing, and that a context
// which changed meanwhile never gets the name of another one. It changes no Dockerfile on
// disk, asks no registry by itself but to pull, and follows no container.
package image
