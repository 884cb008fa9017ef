// SPDX-License-Identifier: Apache-2.0

// Package errorline finds, in what a program printed, the line that says why it failed.
//
// A log is read as events: a line, with what belongs to it (a stack, a traceback, what is
// indented below a heading). An event has a weight by its level, as loggers write it, or,
// without one, by its words. The last event that speaks of trouble counts, or of a row of
// them the first, which the others follow from; but not lines that only say that somebody
// else failed ("Worker failed to boot", "make: *** Error 1"), nor those that every run has.
// Of an exception the innermost cause is quoted.
//
// It promises to quote nothing rather than a line that has nothing to do with a failure.
// What it knows of languages, servers and build tools is in testdata, as they print it:
// who misses one adds it there.
package errorline
