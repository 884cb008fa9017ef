// SPDX-License-Identifier: Apache-2.0

package spec

import "time"

// Exec asks for a command in a running container. Only Command must be given.
type Exec struct {
	// Command is a program in the container, and its arguments. No shell interprets
	// them. For a command of this machine, see the type Command, whose Args do not
	// begin with a program.
	Command []string

	// Env adds to the environment of the container.
	Env map[string]string

	// User and Dir replace those of the container, unless empty.
	User string
	Dir  string

	// Stdin is the standard input of the command. Empty means none.
	Stdin string

	// ExitCodes are the exit codes that do not fail the test. Nil means only 0.
	ExitCodes []int

	// TimeLimit is how long the command may run. Zero means 2 minutes. It never
	// reaches past the test's own deadline. Docker cannot end a command in a
	// container: one that takes longer goes on, unobserved, until the container ends.
	TimeLimit time.Duration
}
