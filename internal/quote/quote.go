// SPDX-License-Identifier: Apache-2.0

package quote

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Lines formats lines for quotation below a message. Of a long one, such as a dumped body,
// it leaves the ends: the artifacts have all of it.
func Lines(lines []string) string {
	var b strings.Builder
	for _, line := range Folded(lines) {
		b.WriteString("\n    | " + Ends(Plain(line), mostOfLine))
	}
	return b.String()
}

// mostOfLine is how many characters of a line are shown below a message.
const mostOfLine = 2000

// Ends cuts a line in the middle if it has more than so many characters.
func Ends(line string, most int) string {
	if len(line) <= most {
		return line
	}
	runes := []rune(line)
	if len(runes) <= most {
		return line
	}
	return string(runes[:most/2]) + " … " + string(runes[len(runes)-most/2:])
}

// Plain returns a text without control sequences for terminals: colours, titles, cursor
// movements.
func Plain(text string) string {
	if strings.IndexByte(text, '\x1b') < 0 {
		return text
	}
	return escapes.ReplaceAllString(text, "")
}

var escapes = regexp.MustCompile("\x1b(?:\\[[0-9;?]*[a-zA-Z]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\))")

// Last returns the last lines, folded to n at most, and the number of lines that they
// stand for.
func Last(lines []string, n int) (folded []string, covered int) {
	var groups [][]string
	for end := len(lines); end > 0; {
		begin := beginOf(lines[:end])
		group := Folded(lines[begin:end])
		if n -= len(group); n < 0 {
			break
		}
		groups, covered, end = append(groups, group), covered+end-begin, begin
	}
	slices.Reverse(groups)
	return slices.Concat(groups...), covered
}

// Looked is how many of the last lines to pass to [Last], so that it can usually find
// twelve different ones.
const Looked = 1000

// most is how many similar neighbouring lines are shown without folding.
const most = 2

// Folded replaces more than two similar neighbouring lines by the last of them, with their
// number. Equal neighbouring lines are shown once.
func Folded(lines []string) []string {
	var all []string
	for end := len(lines); end > 0; {
		begin := beginOf(lines[:end])
		group := lines[begin:end]
		switch same := len(slices.Compact(slices.Clone(group))) == 1; {
		case same && len(group) <= most:
			all = append(all, group[0])
		case len(group) > most:
			all = append(all, fmt.Sprintf("(%d more like this)", len(group)-1), group[len(group)-1])
		default:
			all = append(all, group[1], group[0])
		}
		end = begin
	}
	slices.Reverse(all)
	return all
}

// beginOf returns the index from which all lines are similar to the last one.
func beginOf(lines []string) int {
	begin := len(lines) - 1
	for shape := Shape(lines[begin]); begin > 0 && Shape(lines[begin-1]) == shape; {
		begin--
	}
	return begin
}

// number matches what may differ in similar lines: times, numbers, addresses, ids.
var number = regexp.MustCompile(`[0-9a-fA-F]*[0-9][0-9a-fA-F]*`)

// Alike reports whether two lines differ only in such numbers.
func Alike(a, b string) bool { return Shape(a) == Shape(b) }

// Shape returns a line without them: lines that are alike have the same.
func Shape(line string) string { return number.ReplaceAllString(line, "0") }
