// SPDX-License-Identifier: Apache-2.0

// Package report has what messages to people share: all that is wrong with a spec said at
// once, the last lines of somebody else's log below an error, lists of names.
//
// It promises that what it returns is complete: callers only add what they were doing.
// It asks no engine and knows no test.
package report
