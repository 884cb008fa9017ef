// SPDX-License-Identifier: Apache-2.0

// Package shared manages what the tests of one process share: it is made once, for the
// first test that asks, watched for each test, and removed at the end of the process.
//
// Shared objects belong to a T of this package, which prints as a test does. The package
// promises that all tests get the same value, or the same reason why there is none, and
// that the artifacts of a failed test include the logs of shared containers since its first
// use. It does not know what is made: for what processes share, see package environment.
package shared
