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
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(whole()) }

// whole runs the command with the arguments, streams and signals of the process.
func whole() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
}
