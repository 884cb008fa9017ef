// SPDX-License-Identifier: Apache-2.0

package errorline

import (
	"regexp"
	"strings"
)

// An event is a line of a log, with what belongs to it.
type event struct {
	text      string // what is to be quoted
	weight    weight
	line, end int  // the first and the last of its lines
	exception bool // with a stack
}

// A reader makes events of lines.
type reader struct {
	lines []string
	next  int
	all   []event
}

func eventsOf(lines []string) []event {
	r := &reader{lines: lines}
	for r.next < len(r.lines) {
		start := r.next
		e := r.read()
		if e.weight == none {
			continue
		}
		e.line, e.end = start, r.next-1
		r.all = append(r.all, e)
	}
	return r.all
}

var (
	pythonStack = regexp.MustCompile(`Traceback \(most recent call last\):$`)
	pythonChain = regexp.MustCompile(`^(The above exception was the direct cause|During handling of the above exception)`)
	causedBy    = regexp.MustCompile(`^\s*(Caused by: |---> )\S`)
	thrown      = regexp.MustCompile(`^(?:[\w$]+\.)*[\w$]*(?:Error|Exception|Throwable)(?: \(\w+\))?(?: \[\w+\])?: \S`)
	detail      = regexp.MustCompile(`^\S+ \S+ \S+ \[\d+\] DETAIL:  `) // PostgreSQL's
	numbered    = regexp.MustCompile(`^\d+: `)
	excerpt     = regexp.MustCompile(`^(\d* *\||-->|\^|~)`)
	pointer     = regexp.MustCompile(`^\s*\^+$`)
	frame       = regexp.MustCompile(`^(at |from |File "|#\d+ |\.\.\. \d+ )`)
)

// read returns the event that begins at the next line.
func (r *reader) read() event {
	line := r.lines[r.next]
	r.next++
	plain := strings.TrimSpace(line)
	switch {
	case plain == "" || excerpt.MatchString(plain) || frame.MatchString(plain):
		return event{}
	case pythonStack.MatchString(plain):
		return r.traceback()
	case r.next < len(r.lines) && pointer.MatchString(r.lines[r.next]): // a line of source
		r.next++
		return event{}
	case plain == "Description:": // Spring's, of why an application does not start
		return event{text: r.following(), weight: fatal}
	case plain == "* What went wrong:": // Gradle's
		return r.wentWrong()
	case strings.HasPrefix(plain, "*** FATAL CONFIG FILE ERROR"): // Redis's
		return event{text: joinedLines(plain, r.following(), r.following(), r.following()), weight: fatal}
	}
	text, w := read(plain)
	e := event{text: text, weight: w}
	if w < failure { // what is below it may tell more, and is read by itself
		if levelIn(plain) == "info" || harmless.MatchString(plain) {
			r.below()
		}
		return e
	}
	if strings.HasSuffix(text, ":") {
		e.text = joinedLines(text, r.following())
	}
	if r.next < len(r.lines) && detail.MatchString(r.lines[r.next]) {
		e.text = joinedLines(e.text, detail.ReplaceAllString(r.following(), ""))
	}
	below := r.below()
	e.exception = hasFrames(below)
	e.text = detailed(e.text, below)
	return e
}

// following takes the next line that is not blank.
func (r *reader) following() string {
	for r.next < len(r.lines) {
		line := strings.TrimSpace(r.lines[r.next])
		if frame.MatchString(line) {
			return ""
		}
		if r.next++; line != "" {
			return strings.TrimSuffix(line, ":")
		}
	}
	return ""
}

// below takes the lines that belong to the one before: those that are indented, also
// after a blank line, and causes.
func (r *reader) below() []string {
	var below []string
	for i := r.next; i < len(r.lines); i++ {
		line := r.lines[i]
		if strings.TrimSpace(line) == "" {
			continue
		}
		indented := strings.TrimLeft(line, " \t") != line
		if !indented && !strings.HasPrefix(line, "Caused by:") && !excerpt.MatchString(line) && line != "}" {
			break
		}
		below = append(below, strings.TrimSpace(line))
		r.next = i + 1
	}
	return below
}

// traceback takes Python's, with those that it followed from: the last exception is the
// one that nobody caught.
func (r *reader) traceback() event {
	e := event{weight: failure, exception: true}
	for r.next < len(r.lines) {
		line := r.lines[r.next]
		plain := strings.TrimSpace(line)
		switch {
		case plain == "" || plain != line || pythonStack.MatchString(plain) || pythonChain.MatchString(plain) || harmless.MatchString(plain):
		case e.text == "" || r.chained():
			e.text = plain
		default:
			return e
		}
		r.next++
	}
	return e
}

// chained reports whether a line is the exception of another traceback: that stands above
// it, after an indented line.
func (r *reader) chained() bool {
	for i := r.next - 1; i >= 0; i-- {
		line := r.lines[i]
		switch {
		case pythonStack.MatchString(strings.TrimSpace(line)):
			return true
		case strings.TrimSpace(line) == "" || strings.TrimLeft(line, " \t") == line:
			return false
		}
	}
	return false
}

// wentWrong takes Gradle's account of a failure, up to a blank line. Its last reason is
// the innermost.
func (r *reader) wentWrong() event {
	e := event{weight: failure}
	for ; r.next < len(r.lines) && r.lines[r.next] != ""; r.next++ {
		reason, ok := strings.CutPrefix(strings.TrimSpace(r.lines[r.next]), "> ")
		if ok || e.text == "" {
			e.text = reason
		}
	}
	if follows.MatchString(e.text) {
		e.weight = remark
	}
	return e
}

func hasFrames(below []string) bool {
	for _, line := range below {
		if frame.MatchString(line) {
			return true
		}
	}
	return false
}

// detailed adds to a line what the lines below it tell more than it does: of causes, the
// innermost.
func detailed(head string, below []string) string {
	cause, listed, nested := "", "", ""
	for i, line := range below {
		switch {
		case causedBy.MatchString(line):
			cause = strings.TrimPrefix(line, "---> ")
		case line == "Caused by:" && i+1 < len(below): // Rust's: numbered if there are several
			listed = below[i+1]
			for _, next := range below[i+1:] {
				if numbered.MatchString(next) {
					listed = numbered.ReplaceAllString(next, "")
				}
			}
		case thrown.MatchString(line):
			nested = strings.TrimSuffix(line, ",")
		case listed == "" && strings.HasPrefix(line, "- ") && !strings.HasSuffix(head, ":"):
			listed = strings.TrimPrefix(line, "- ")
		case listed == "" && (strings.HasPrefix(head, "--- FAIL") || strings.HasPrefix(line, "what():")):
			listed = line
		}
	}
	switch label := strings.TrimRight(head, ": "); {
	case cause != "":
		return cause
	case nested != "" && (label != head || strings.HasPrefix(head, "fail:")):
		return nested
	case listed != "":
		return joinedLines(head, listed)
	}
	return head
}

// joinedLines makes one line of several.
func joinedLines(lines ...string) string {
	text := ""
	for _, line := range lines {
		switch {
		case text == "":
			text = line
		case line != "" && strings.HasSuffix(text, ":"):
			text += " " + line
		case line != "":
			text = strings.TrimRight(text, ".") + ": " + line
		}
	}
	return text
}
