// SPDX-License-Identifier: Apache-2.0

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
