// SPDX-License-Identifier: Apache-2.0

// Package report has the common parts of messages to people: all mistakes in a spec in
// one error, the last lines of a log below an error, lists of names.
//
// Its errors are complete: callers only add what they were doing. It asks no engine
// and knows no test.
package report
