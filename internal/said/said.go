// SPDX-License-Identifier: Apache-2.0

package said

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// A Log has what was said, until somebody takes it. It is said once.
type Log struct {
	mu    sync.Mutex
	known map[string]bool
	fresh []string
	told  []string
}

// Add adds something that was said, unless it is known already.
func (l *Log) Add(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if text = strings.TrimSpace(text); text == "" || l.known[text] || slices.ContainsFunc(l.told, func(part string) bool { return strings.Contains(text, part) }) {
		return
	}
	if l.known == nil {
		l.known = map[string]bool{}
	}
	l.known[text] = true
	l.fresh = append(l.fresh, text)
}

// AddFor adds something, in the place of all that is said later and has a part.
func (l *Log) AddFor(text, part string) {
	l.Add(text)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.told = append(l.told, part)
}

// Take returns what was said since it was last called.
func (l *Log) Take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	fresh := l.fresh
	l.fresh = nil
	return fresh
}

var (
	logged   = regexp.MustCompile(`^time="[^"]*" level=(?:warning|error) msg=(.*)$`)
	printed  = regexp.MustCompile(`^(?:WARN\[\d+\]|WARNING:|Warning:)\s*(.*)$`)
	question = regexp.MustCompile(`^(.*?\?)(?:\s|$)`) // what comes next may stand in the same line
)

// InCompose returns the warnings in what docker compose wrote, and the questions that
// it asked: nobody was there to answer, and it took that for a no.
func InCompose(output string) []string {
	var all []string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if parts := logged.FindStringSubmatch(line); parts != nil {
			text, err := strconv.Unquote(parts[1])
			if err != nil {
				text = parts[1]
			}
			all = append(all, text)
		} else if parts := printed.FindStringSubmatch(line); parts != nil {
			all = append(all, parts[1])
		} else if parts := question.FindStringSubmatch(line); parts != nil {
			all = append(all, "it asked, and was answered no: "+parts[1])
		}
	}
	return slices.DeleteFunc(all, func(text string) bool {
		return slices.ContainsFunc(idle, func(part string) bool { return strings.Contains(text, part) })
	})
}

// idle are parts of warnings that change nothing, or are about what seatrial itself
// does.
var idle = []string{
	"the attribute `version` is obsolete",
	"Found orphan containers", // those of docker compose run
	`The "SEATRIAL_CONTEXT_`,  // what is built was built before
}

// InCommand returns what a docker command wrote to its stderr, if that is nothing
// but what it wants to be known: without blank lines, and each line once.
func InCommand(stderr string) []string {
	var all []string
	for line := range strings.Lines(stderr) {
		line = strings.TrimSpace(line)
		if parts := printed.FindStringSubmatch(line); parts != nil {
			line = parts[1]
		}
		if line != "" {
			all = append(all, line)
		}
	}
	return all
}
