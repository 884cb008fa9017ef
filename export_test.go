// SPDX-License-Identifier: Apache-2.0

package seatrial

// NameProjects has f name the projects that start from now on, if it returns a
// name for their test, until the returned function is called.
func NameProjects(f func(test string) string) (restore func()) {
	old := newProjectName
	newProjectName = func(test string) string {
		if name := f(test); name != "" {
			return name
		}
		return old(test)
	}
	return func() { newProjectName = old }
}
