// SPDX-License-Identifier: Apache-2.0

// Package spec holds what a test asks for: plain data that can be printed,
// compared and kept in a variable for several tests. Nothing in a spec is
// ever written to by seatrial, so one may be used from many tests at once.
package spec
