// SPDX-License-Identifier: Apache-2.0

// Package cireport tells systems of continuous integration that what tests run on has failed,
// where they show the tests: in a JUnit file, in an annotation and the summary of GitHub.
//
// It promises that a report of the tests stays as it is but for what is added. It knows
// nothing of environments.
package cireport

import "strings"

// A Failure is why something has failed.
type Failure struct {
	Suite string // what stands for the tests
	Name  string // what stands for one
	Text  string // the first line says why
}

// first is the line that says why.
func (f Failure) first() string {
	line, _, _ := strings.Cut(strings.TrimSpace(f.Text), "\n")
	return line
}
