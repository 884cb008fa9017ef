// SPDX-License-Identifier: Apache-2.0

package seatrial

// NameProjects has f name the projects that start from now on, if it returns a
// name for their test. It is called before tests run.
func NameProjects(f func(test string) string) {
	old := newProjectName
	newProjectName = func(test string) string {
		if name := f(test); name != "" {
			return name
		}
		return old(test)
	}
}
