// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"io"
	"strings"
)

// What people read of a plan: one line for each edit and finding, in the order
// of the files, beginning with FILE:LINE so that editors and terminals can jump
// there. Advice stands on a line of its own.

// Text returns the plan for people.
func (p *Plan) Text() string {
	var b strings.Builder
	for _, e := range p.Edits {
		b.WriteString(e.String() + "\n")
	}
	for _, f := range p.Findings {
		b.WriteString(f.String() + "\n")
	}
	if len(p.Edits) == 0 {
		b.WriteString("nothing tailored\n")
	}
	return b.String()
}

// WriteText writes what Text returns.
func (p *Plan) WriteText(w io.Writer) error {
	_, err := io.WriteString(w, p.Text())
	return err
}

// String is one line: FILE:LINE service web: what → how (why).
func (e Edit) String() string {
	return fmt.Sprintf("%s%s (%s)", e.prefix(e.at), e.What, e.Reason)
}

// String is one line: FILE:LINE service web: severity: what (why), and another
// with the hint, if there is one.
func (f Finding) String() string {
	s := f.prefix(f.at) + string(f.Severity) + ": " + f.What
	if f.Reason != "" {
		s += " (" + f.Reason + ")"
	}
	if f.Hint != "" {
		s += "\n    hint: " + f.Hint
	}
	return s
}

func (pl Place) prefix(at path) string {
	var s string
	if pl.File != "" {
		s = fmt.Sprintf("%s:%d ", pl.File, pl.Line)
	}
	if subject := at.subject(); subject != "" {
		s += subject + ": "
	}
	return s
}
