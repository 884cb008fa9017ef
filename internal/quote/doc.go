// SPDX-License-Identifier: Apache-2.0

// Package quote quotes lines of other programs' output below a message. A server that is
// polled logs the same line again and again, so similar neighbouring lines are folded into
// one with their number, and earlier lines remain visible.
//
// It decides which lines are similar, and removes control sequences for terminals. It promises
// that the last line is always shown, and otherwise unchanged. Choosing the line that says why
// something failed is left to package errorline.
package quote
