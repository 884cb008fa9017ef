// SPDX-License-Identifier: Apache-2.0

// Package cireport reports a failed test environment to CI systems, in the places where they
// show test results: in a JUnit file, in an annotation and in the step summary of GitHub.
//
// It promises to change nothing else in an existing report of the tests. It knows
// nothing of environments.
package cireport
