// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
)

// The exit codes: success, failure, wrong usage.
const (
	exitYes   = 0
	exitNo    = 1
	exitUsage = 2
)

// call is everything that a command gets, so that none looks at the process itself.
type call struct {
	args           []string
	environ        []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// wrong reports wrong usage.
func (c *call) wrong(verb string, err error) int {
	fmt.Fprintf(c.stderr, "seatrial %s: %v\nhint: seatrial help %s\n", verb, err, verb)
	return exitUsage
}

// none refuses arguments, and reports whether there was one.
func (c *call) none(verb string) (code int, wrong bool) {
	if len(c.args) == 0 {
		return exitYes, false
	}
	return c.wrong(verb, fmt.Errorf("unexpected argument %q", c.args[0])), true
}

// noneButOptions is none, for a verb that takes files by an option.
func (c *call) noneButOptions(verb string) (code int, wrong bool) {
	if len(c.args) > 0 && slices.Contains([]string{".yaml", ".yml"}, filepath.Ext(c.args[0])) {
		return c.wrong(verb, fmt.Errorf("unexpected argument %q: a file goes with -f", c.args[0])), true
	}
	return c.none(verb)
}
