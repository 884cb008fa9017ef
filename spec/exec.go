// SPDX-License-Identifier: Apache-2.0

package spec

import "time"

// Exec asks for a command in a running container. Only Command must be given.
type Exec struct {
	// Command is a program in the container and its arguments. There is no
	// shell about it.
	Command []string

	// Env adds to the environment of the container.
	Env map[string]string

	// User and Dir replace those of the container, unless empty.
	User string
	Dir  string

	// Stdin is what the command can read. Empty means nothing.
	Stdin string

	// ExitCodes are those that are no failure. Nil means 0 alone.
	ExitCodes []int

	// TimeLimit bounds it. Zero means 2 minutes. It never reaches past the test's
	// own deadline. Docker has no way to end a command in a container: one that
	// is late goes on there, unheard, until the container ends.
	TimeLimit time.Duration
}
