// SPDX-License-Identifier: Apache-2.0

// Package parallel does something for many items at once, and waits for all of it.
//
// [Do] returns all errors, [First] the one that came first, [Map] what was returned, in the
// order of the items. A panic in one item does not keep the others from their turn where they
// must be tried. There is no limit on how many run at once: items are containers or nodes of
// one test.
package parallel
