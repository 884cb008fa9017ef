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
	"runtime/debug"
	"syscall"
)

func main() {
	if os.Getenv("GOGC") == "" {
		// To read files makes much garbage, of which little is left: to collect it whenever
		// four megabytes have come takes a fifth of the time of most commands.
		debug.SetGCPercent(400)
	}
	os.Exit(whole())
}

// whole runs the command with the arguments, streams and signals of the process.
func whole() int {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() { cancel(&signalError{<-signals}) }()
	return run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
}
