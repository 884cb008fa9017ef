// SPDX-License-Identifier: Apache-2.0

package errorline

import (
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/lazyregexp"
	"github.com/seatrial/seatrial/internal/quote"
)

// Bounds of what is looked at, from the end.
const (
	mostLines  = 200
	mostBytes  = 64 << 10 // of all lines
	mostOfLine = 4 << 10
	mostOfJSON = 16 << 10 // half of an object cannot be read
)

// Python draws a tree of the exceptions of a group.
var (
	group     = lazyregexp.New(`^(?:\S+ +)?  \+ Exception Group `)
	groupLine = lazyregexp.New(`^ +(\| ?|\+-\+?-.*$)`)
)

// Terraform draws a box around an error: what is in it, with a bar before each line.
const boxBegins, boxBar = "╷", "│"

// lately returns the last lines, as many as are looked at. Of a long one, such as a dumped
// body, it leaves the ends: each of some two hundred patterns goes through all of a line.
func lately(lines []string) []string {
	var last []string
	for size := 0; len(last) < min(mostLines, len(lines)); {
		line := lines[len(lines)-1-len(last)]
		if len(line) > mostOfJSON || len(line) > mostOfLine && !strings.HasPrefix(line, "{") {
			line = strings.ToValidUTF8(line[:mostOfLine/2]+" … "+line[len(line)-mostOfLine/2:], "")
		}
		if size += len(line); size > mostBytes && len(last) > 0 {
			break
		}
		last = append(last, line)
	}
	slices.Reverse(last)
	return last
}

// clean removes what only terminals need, and what is longer ago than is looked at.
func clean(lines []string) []string {
	lines = withoutStamps(lately(lines))
	plain, groups, box := make([]string, len(lines)), false, false
	for i, line := range lines {
		line = strings.TrimRight(quote.Plain(line), " \t\r\n")
		if at := strings.LastIndexByte(line, '\r'); at >= 0 { // progress, which is overwritten
			line = line[at+1:]
		}
		if groups = groups && groupLine.MatchString(line) || group.MatchString(line); groups {
			line = groupLine.ReplaceAllString(group.ReplaceAllString(line, ""), "")
		}
		if box = line == boxBegins || box && strings.HasPrefix(line, boxBar); box {
			line = strings.TrimPrefix(strings.TrimPrefix(line, boxBar), " ")
		}
		plain[i] = line
	}
	return withoutHeads(plain)
}

// stamp is the time that whoever collects a log puts before each line.
var stamp = lazyregexp.New(`^\[?(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?(?: |$)`)

// withoutStamps takes the time off all lines, if all have one: also those that are indented, as
// those of a stack, which no logger wrote by themselves.
func withoutStamps(lines []string) []string {
	plain, indented := make([]string, len(lines)), false
	for i, line := range lines {
		mark := stamp.FindString(line)
		if mark == "" && line != "" {
			return lines
		}
		plain[i] = strings.TrimPrefix(line, mark)
		indented = indented || indentation(plain[i]) > 1 || strings.HasPrefix(plain[i], "\t")
	}
	if !indented {
		return lines
	}
	return plain
}

// head is what a logger puts before a message of a level of trouble: times, ids and places.
var head = lazyregexp.New(`^(?:\([^)]*\) +|[^\s\pL]\S* +)*\[?(?:error|critical|ERROR|CRITICAL|FATAL)\]?(?: +(?:\d\S*|\[[^\]]*\]|<[^>]*>))+(?: |$)`)

// withoutHeads takes the head off all lines but the first of a message that a logger wrote line
// by line, each with the same head: a traceback, a report of Erlang's. Such have a line that is
// blank or indented below the head; lines that only came at the same time have none.
func withoutHeads(lines []string) []string {
	for i := 0; i < len(lines); {
		mark := head.FindString(lines[i] + " ")
		next, one := i+1, false
		for ; mark != "" && next < len(lines) && strings.HasPrefix(lines[next]+" ", mark); next++ {
			rest := strings.TrimPrefix(lines[next]+" ", mark)
			one = one || strings.TrimSpace(rest) == "" || indentation(rest) > 1
		}
		for j := i + 1; one && j < next; j++ {
			lines[j] = strings.TrimRight(strings.TrimPrefix(lines[j]+" ", mark), " ")
		}
		i = next
	}
	return lines
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }
