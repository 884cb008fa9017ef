// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"strings"
)

// RefusedError says that the project cannot run isolated. It has every
// problem that was found, not only the first.
type RefusedError struct {
	// Files are the files as the spec named them.
	Files []string
	// Findings are the refusals, sorted by place.
	Findings []Finding
}

// Error tells the first problem in its first line, then the others, each with
// its place and, on a line of its own, what settles it.
func (e *RefusedError) Error() string { return e.text(Finding.String) }

// CommandText is the same with options of the command seatrial tailor in the
// place of the spec's fields.
func (e *RefusedError) CommandText() string { return e.text(Finding.CommandString) }

func (e *RefusedError) text(finding func(Finding) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "tailoring %s: it cannot run isolated", strings.Join(e.Files, ", "))
	told := e.told()
	if n := len(told); n > 1 {
		fmt.Fprintf(&b, ", for %d reasons", n)
	}
	for i, f := range told {
		b.WriteString([]string{": ", "\n"}[min(i, 1)] + finding(f))
	}
	return b.String()
}

// ReadError says that a file can't be read as a Compose file.
type ReadError struct {
	// File is the name as the spec gave it, or relative to that. Line and
	// Column are 0 where the place is not known.
	File         string
	Line, Column int
	Err          error
	// Findings may have to do with it: variables without a value, say.
	Findings []Finding
}

// Error names the file and, if known, the line first.
func (e *ReadError) Error() string {
	var b strings.Builder
	b.WriteString("reading " + e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	b.WriteString(": " + e.Err.Error())
	for _, f := range e.Findings {
		b.WriteString("\n" + f.String())
	}
	return b.String()
}

// Unwrap returns what went wrong.
func (e *ReadError) Unwrap() error { return e.Err }
