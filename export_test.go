// SPDX-License-Identifier: Apache-2.0

package seatrial

import "github.com/seatrial/seatrial/internal/compose"

// NameProjects has f name the projects that start from now on, if it returns a
// name for their test. It is called before tests run.
func NameProjects(f func(test string) string) {
	old := compose.NewName
	compose.NewName = func(test string) string {
		if name := f(test); name != "" {
			return name
		}
		return old(test)
	}
}
