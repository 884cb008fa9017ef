// SPDX-License-Identifier: Apache-2.0

// Package artifact keeps the files that a test leaves for people: logs, plans, the state of
// things when it failed, the timeline and the merged log.
//
// It owns the test's directory, the names of the files in it, and redaction: a known secret
// is [Hidden] in everything that is written through a [Dir].
//
// It promises that no file is ever overwritten (a name that is in use gets a number), that
// only their owner can read the files, and that the merged log has the messages of all
// services in the order of their times. It asks no engine, knows no test, and removes nothing
// but a directory that need not be kept.
package artifact
