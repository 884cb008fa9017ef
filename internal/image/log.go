// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"io"
	"regexp"
	"sync"

	"github.com/seatrial/seatrial/internal/session"
)

// buildLog writes what a build prints to a file, and says its steps.
type buildLog struct {
	log io.Writer
	say session.Progress

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
