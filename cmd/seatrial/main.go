// SPDX-License-Identifier: Apache-2.0

// Seatrial starts copies of Compose projects and stacks as they are shipped, says what has to
// change in a Compose or stack file so that copies run side by side, what the engine
// can be used for, and removes what killed tests left.
//
// Usage:
//
//	seatrial COMMAND [ARGUMENTS]
//
// seatrial help lists the commands.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// The exit codes: what was asked for is so, it is not, the question was wrong.
const (
	exitYes   = 0
	exitNo    = 1
	exitUsage = 2
)

// call is what a command gets: no command looks at the process itself.
type call struct {
	args           []string
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

func main() { os.Exit(whole()) }

// whole is the command with the process around it.
func whole() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
}
