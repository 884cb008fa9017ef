// SPDX-License-Identifier: Apache-2.0

// Package spec holds what a test asks for: plain data that can be printed, compared and kept
// in a variable for several tests. Each verb of package seatrial takes one struct of it. A
// field that is not given has the value that the comment of the field says.
//
// Nothing in a spec is ever written to by seatrial, so one may be used from many tests at
// once. Relative paths are relative to the working directory of the test, which for go test
// is the directory of its package. What is wrong with a spec is said by the verb, all of it
// at once and before anything is made.
//
// The package does nothing itself: it reads no file, knows no engine, and imports of this
// module only package wait, for conditions.
package spec
