// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"bytes"
	"flag"
	"io"
	"regexp"
	"sync"
)

// progress says something about work that takes long, if anybody listens.
type progress func(format string, args ...any)

// progressOf returns what says it in the test's log, if that is shown at once.
func progressOf(t T) progress {
	if f := flag.Lookup("test.v"); f == nil || f.Value.String() == "false" {
		return func(string, ...any) {}
	}
	return func(format string, args ...any) {
		t.Helper()
		t.Logf(format, args...)
	}
}

// buildLog writes what a build prints to a file, and says its steps.
type buildLog struct {
	log io.Writer
	say progress

	mu   sync.Mutex
	rest []byte // of a line
	said map[string]bool
}

// step matches the line by which buildx announces a step: #7 [2/3] RUN make.
var step = regexp.MustCompile(`^#\d+ (\[.*\d+/\d+\] .+)$`)

func (b *buildLog) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rest = append(b.rest, p...)
	for {
		line, rest, found := bytes.Cut(b.rest, []byte("\n"))
		if !found {
			break
		}
		b.rest = rest
		m := step.FindSubmatch(bytes.TrimRight(line, "\r"))
		if m == nil || b.said[string(m[1])] { // it is announced again after the output of another
			continue
		}
		if b.said == nil {
			b.said = map[string]bool{}
		}
		b.said[string(m[1])] = true
		b.say("%s", m[1])
	}
	return b.log.Write(p)
}
