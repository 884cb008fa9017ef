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

// Error names the files, then each problem with its place and, on a line of
// its own, what settles it.
func (e *RefusedError) Error() string {
	var b strings.Builder
	problems := "1 problem keeps"
	if n := len(e.Findings); n != 1 {
		problems = fmt.Sprintf("%d problems keep", n)
	}
	fmt.Fprintf(&b, "tailoring %s: %s it from running isolated", strings.Join(e.Files, ", "), problems)
	for _, f := range e.Findings {
		b.WriteString("\n" + f.String())
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
