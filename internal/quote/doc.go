// SPDX-License-Identifier: Apache-2.0

// Package quote shows lines of somebody else's text below a message. A server that is asked
// again and again says the same again and again: of neighbours that are alike it shows one,
// and how many there are, so that what was said before them is still seen.
//
// It owns which lines are alike, and what of a text only terminals need. It promises that
// the last line is always shown, as it is but for that. It does not choose the line that tells
// why: package errorline does.
package quote
