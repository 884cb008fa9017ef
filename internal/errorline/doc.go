// SPDX-License-Identifier: Apache-2.0

// Package errorline finds, in what a program printed, the line that says why it failed.
//
// A log is read as events: a line, with what belongs to it (a stack, a traceback, what is
// indented below a heading, the other lines of a message that a logger wrote line by line). An
// event has a weight by its level, as loggers write it, or, without one, by its words, and
// points by what it says: why something failed, or only what, or only that. The event with most
// points is quoted, the last of several, or of a row of them the first, which the others follow
// from; but no line that every run has, no advice, no sum of errors, none that points to another
// one or follows from it (what came through a pipe, what is not there because it failed), and
// none that was taken back: what was tried again and went well, what a program complained of
// before it could be used, answered a request or did its work, what only its clients felt, what
// it survived, what it said after it had been asked to stop. The exit code, where it is known,
// says whether it took that back: one that is not known to have failed goes on after what it
// warns of, and after an error, if it has more to say. Of an exception the innermost cause is
// quoted; of several threads, processes or tasks what the first one said, not the others that it
// took along.
//
// It promises to quote nothing rather than a line that has nothing to do with a failure.
// What it knows of languages, servers and build tools is in testdata, as they print it:
// who misses one adds it there.
package errorline
