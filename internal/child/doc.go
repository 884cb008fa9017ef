// SPDX-License-Identifier: Apache-2.0

// Package child runs a program on behalf of this one: with its terminal and its signals.
//
// It promises that an interrupt reaches the program once, that a second one ends it, and that
// this process outlives it. It does not know what the program is for.
package child
