// SPDX-License-Identifier: Apache-2.0

// Package parallel does something for many items at the same time, and waits until all is
// done.
//
// [Do] returns all errors, [First] the first one, [Map] the results in the order of the
// items. [Do] and [Map] turn a panic into an error, so that the other items are still tried.
// There is no limit on how many run at once: items are containers or nodes of one test.
package parallel
