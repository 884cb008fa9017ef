// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/internal/errorline"
	"github.com/seatrial/seatrial/internal/quote"
)

// A Result is what a command that ran to its end left.
type Result struct {
	ExitCode int
	Stdout   string
	Stderr   string
}

// Unexpected says with which code the command ended, and what it said last.
func (r *Result) Unexpected() error {
	said := ""
	if line := r.ErrorLine(); line != "" {
		said = ": " + line
	}
	return fmt.Errorf("exited with code %d%s%s", r.ExitCode, said, r.Tail())
}

// ErrorLine returns the line that most likely says why the command failed; nothing if none
// speaks of trouble.
func (r *Result) ErrorLine() string {
	return errorline.Of(strings.Split(r.Stderr, "\n"), strings.Split(r.Stdout, "\n"))
}

// Lines returns what the command said about itself: on stderr, or, if there is
// nothing, on stdout.
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

// Tail shows the last lines below a message, if there is more than one: the first line of
// the message has that.
func (r *Result) Tail() string {
	lines := r.Lines()
	shown, covered := quote.Last(lines, TailLines)
	if len(lines) < 2 {
		return ""
	}
	return fmt.Sprintf("\n    its last lines (%d of %d):%s", covered, len(lines), quote.Lines(shown))
}
