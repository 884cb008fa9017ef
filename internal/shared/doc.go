// SPDX-License-Identifier: Apache-2.0

// Package shared is what the tests of one process share: made once, by the first that asks,
// watched for each of them, and ended with the process.
//
// It has a T of its own, to which belongs what is made, and which prints as a test does. It
// promises that who asks gets the same, or the same reason why there is nothing; and that a
// test that fails has what the shared containers logged since it first asked. It knows
// nothing of what is made: see package environment for what processes share.
package shared
