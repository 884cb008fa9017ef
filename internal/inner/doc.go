// SPDX-License-Identifier: Apache-2.0

// Package inner calls functions of a test with a T of their own, inside the test's: one that
// may fail, or several at once.
//
// It owns these Ts: what their Errorf and FailNow mean for the test around them, and how it
// ends where a function did not return. A function that panics has the caller panic, one that
// skips has its test skipped, and one that ended its goroutine by another T ends the caller's,
// too: [Try] and [Together] do not return then.
//
// It promises that all functions are over when they return. It makes nothing on an engine, and
// says nothing in the name of a test but what the functions said.
package inner
