// SPDX-License-Identifier: Apache-2.0

// Package progress is about work that is under way: the events of which it consists, and how
// they are shown. Whoever works tells what happens and does not know who reads it: lines of a
// log, one for each fact, a picture on a terminal that is drawn anew as things go on, or lines
// of JSON for programs.
//
// It promises that on what is no terminal there is neither colour nor a control character,
// that a terminal is left as if the picture had never been there, and that lines of JSON are
// whole. It does no work of its own, and asks no engine.
package progress
