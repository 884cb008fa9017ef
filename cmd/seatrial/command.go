// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// The exit codes: what was asked for is so, it is not, the question was wrong.
const (
	exitYes   = 0
	exitNo    = 1
	exitUsage = 2
)

// command is one entry of the map in main.go.
type command struct {
	// synopsis follows the name of the command, short says what it does.
	synopsis, short string
	// long is the rest of its usage text.
	long string
	run  func(ctx context.Context, c *call) int
}

// call is what a command gets: no command looks at the process itself.
type call struct {
	args           []string
	environ        []string
	stdout, stderr io.Writer
	usage          func(io.Writer)
}

func (cmd command) usage(w io.Writer, name string) {
	fmt.Fprintf(w, "%s\n\n%s\n", strings.TrimSpace("Usage: seatrial "+name+" "+cmd.synopsis), cmd.long)
}
