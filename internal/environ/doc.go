// SPDX-License-Identifier: Apache-2.0

// Package environ turns a map of variables into a process's environment, and back, and
// protects values from Compose, which looks for variables in them.
//
// It is pure: the order is always the same, and it never reads the environment of this
// process.
package environ
