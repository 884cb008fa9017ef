// SPDX-License-Identifier: Apache-2.0

// Package spec describes what a test asks for, in plain data that can be printed,
// compared and kept in a variable for several tests. Each verb of package seatrial
// takes one of its structs. The comment of a field says what the zero value means.
//
// Seatrial never writes to a spec, so many tests may use one at the same time. Relative
// paths are relative to the working directory of the test, which for go test is the
// directory of its package. The verb reports everything that is wrong with a spec at
// once, before it makes anything.
//
// The package does nothing itself: it reads no file and knows no engine. Of this module
// it imports only package wait, for conditions.
package spec
