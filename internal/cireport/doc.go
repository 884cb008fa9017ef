// SPDX-License-Identifier: Apache-2.0

// Package cireport tells systems of continuous integration that what tests run on has failed,
// where they show the tests: in a JUnit file, in an annotation and the summary of GitHub.
//
// It promises that a report of the tests stays as it is but for what is added. It knows
// nothing of environments.
package cireport
