// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"regexp"
	"strings"
)

// ErrorLine returns the line of a log that most likely says why a program failed,
// for the first line of a message: the last that speaks of trouble, or, if none
// does, the last. Lines that are indented (stack traces, usage) count only if
// there are no others. A long line is cut. It returns nothing for an empty log.
func ErrorLine(lines []string) string {
	lines = lines[max(0, len(lines)-tellingLines):]
	var last, indented string
	for i := len(lines) - 1; i >= 0; i-- {
		plain := strings.TrimRight(escapes.ReplaceAllString(lines[i], ""), " \t\r\n")
		line := strings.TrimSpace(plain)
		switch {
		case line == "":
		case line != plain:
			if indented == "" {
				indented = line
			}
		case trouble.MatchString(line):
			return shortened(line)
		case last == "":
			last = line
		}
	}
	if last == "" {
		last = indented
	}
	return shortened(last)
}

// How far from its end a log is searched, and how much of a line is shown.
const (
	tellingLines = 200
	tellingRunes = 240
)

var (
	trouble = regexp.MustCompile(`(?i)error|exception|panic|fatal|fail|\b(cannot|can't|could not|unable|refused|denied|invalid|illegal|unknown|unexpected|missing|not found|not permitted|no such|read-only|timed out|out of)\b`)
	escapes = regexp.MustCompile("\x1b\\[[0-9;?]*[a-zA-Z]")
)

func shortened(line string) string {
	if runes := []rune(line); len(runes) > tellingRunes {
		return string(runes[:tellingRunes]) + "…"
	}
	return line
}
