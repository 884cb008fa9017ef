// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strings"

	"github.com/seatrial/seatrial/internal/lazyregexp"
)

// A message says first where it failed and what was under way, and then why, as errors in Go do:
// "a_test.go:7: starting compose.yaml: db exited with code 3: no space left". A page has the
// room to say why first.

func firstLine(text string) string { first, _, _ := strings.Cut(text, "\n"); return first }

var (
	place = lazyregexp.New(`^[^\s:]+\.go:\d+(?:, called at [^\s:]+\.go:\d+)?: `)
	// Only words that seatrial's verbs use: "billing exited with code 1: …" is about a container.
	underWay = lazyregexp.New(`^(adding|asking|building|changing|collecting|committing|compiling|copying|creating|deleting|deploying|following|inspecting|killing|leasing|listing|loading|looking|making|opening|parsing|pausing|pulling|pushing|reading|removing|resetting|restarting|rolling|running|saving|scaling|serving|setting|sharing|starting|stopping|tailoring|updating|using|waiting|wrapping|writing) `)
)

// split returns the place and what was under way of a message, and the rest of it. At least
// the last part of a message is its cause, whatever it begins with.
func split(message string) (where, cause string) {
	var parts []string
	if at := place.FindString(message); at != "" {
		parts, message = append(parts, strings.TrimSuffix(at, ": ")), message[len(at):]
	}
	for underWay.MatchString(message) {
		end := colon(message)
		if end < 0 {
			break
		}
		parts, message = append(parts, message[:end]), message[end+2:]
	}
	if n := len(parts) - 1; n >= 0 && noSubject.MatchString(message) { // the command is what it is about
		if command, is := strings.CutPrefix(parts[n], "running "); is {
			parts, message = parts[:n], command+" "+strings.TrimPrefix(message, "it ")
		}
	}
	return strings.Join(parts, ", "), stamp.ReplaceAllString(message, ": ")
}

var noSubject = lazyregexp.New(`^(exited with code|it did not end) `)

// stamp is the time that a program wrote before what a message quotes of it: the time line has it.
var stamp = lazyregexp.New(`: \[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| UTC|[+-]\d\d:?\d\d)?\]?:? `)

// colon returns where the first part of a message ends, or -1: a quoted colon ends none.
func colon(message string) int {
	quoted := false
	for i := 0; i < len(message)-1; i++ {
		switch {
		case quoted && message[i] == '\\':
			i++
		case message[i] == '"':
			quoted = !quoted
		case !quoted && message[i:i+2] == ": ":
			return i
		}
	}
	return -1
}

// Cause returns why the test failed, in a line.
func (e *Evidence) Cause() string { _, cause := split(firstLine(e.Failure)); return cause }

// Where returns the line of the test that failed, and what was under way there.
func (e *Evidence) Where() string { where, _ := split(firstLine(e.Failure)); return where }

// Rest returns what stands below the first line of the message, moved to the margin.
func (e *Evidence) Rest() string {
	_, rest, _ := strings.Cut(e.Failure, "\n")
	lines := strings.Split(rest, "\n")
	for i, line := range lines {
		lines[i] = strings.TrimPrefix(line, "    ")
	}
	return strings.Join(lines, "\n")
}
