// SPDX-License-Identifier: Apache-2.0

// Package isolate calls functions of tests that may end their goroutine, as FailNow does, or
// panic, and tells how they ended.
//
// It promises to return, whatever the function does short of hanging, and to keep where a
// panic came from. It fails no test: what an end means is for its callers.
package isolate
