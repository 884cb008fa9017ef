// SPDX-License-Identifier: Apache-2.0

package cireport

import "strings"

// A Failure is a failure of the environment, to be shown like a test's.
type Failure struct {
	Suite string // the name in place of the test suite's
	Name  string // the name in place of a test's
	Text  string // the first line says why
}

// first returns the line that says why.
func (f Failure) first() string {
	line, _, _ := strings.Cut(strings.TrimSpace(f.Text), "\n")
	return line
}
