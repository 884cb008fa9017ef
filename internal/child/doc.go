// SPDX-License-Identifier: Apache-2.0

// Package child runs a program in the place of this one: with its terminal, and with the
// signals that are meant for it.
//
// It promises that an interrupt reaches the program once, that a second one ends it, and that
// this process outlives it. It knows nothing of what the program is for.
package child
