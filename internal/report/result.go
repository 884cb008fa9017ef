// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/internal/errorline"
	"github.com/seatrial/seatrial/internal/quote"
)

// A Result is the outcome of a command that ran to its end.
type Result struct {
	ExitCode int
	Stdout   string
	Stderr   string
}

// Unexpected returns an error with the exit code and the last lines of the command.
func (r *Result) Unexpected() error {
	said := r.ErrorLine()
	if said != "" {
		said = ": " + said
	}
	return fmt.Errorf("exited with code %d%s%s", r.ExitCode, said, r.Tail())
}

// ErrorLine returns the line that most likely says why the command failed, or "" if no
// line speaks of trouble.
func (r *Result) ErrorLine() string {
	return errorline.OfExit(r.ExitCode, strings.Split(r.Stderr, "\n"), strings.Split(r.Stdout, "\n"))
}

// Lines returns the lines of stderr or, if it is empty, of stdout.
func (r *Result) Lines() []string {
	text := strings.TrimSpace(r.Stderr)
	if text == "" {
		text = strings.TrimSpace(r.Stdout)
	}
	if text == "" {
		return nil
	}
	return strings.Split(strings.ReplaceAll(text, "\r", ""), "\n")
}

// Tail formats the last lines for quotation below a message. A single line is left out,
// as the first line of the message has it.
func (r *Result) Tail() string {
	lines := r.Lines()
	shown, covered := quote.Last(lines, TailLines)
	if len(lines) < 2 {
		return ""
	}
	return fmt.Sprintf("\n    its last lines (%d of %d):%s", covered, len(lines), quote.Lines(shown))
}
