// SPDX-License-Identifier: Apache-2.0

// Package push brings images from an engine into a registry.
//
// An engine pushes by name: an image gets the name that it is to have in the registry, is
// pushed, and loses the name again. Of two who do that with one name at the same time, the
// first to end would take it from the other, whose push fails with "tag does not exist". So a
// name is pushed by one at a time, of all on this machine.
//
// A [Record] remembers what was pushed, so that it is not pushed twice. It runs no registry,
// and does not know who pulls.
package push
