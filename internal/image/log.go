// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"io"
	"sync"

	"github.com/seatrial/seatrial/internal/buildlog"
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
		step := buildlog.Step(string(line))
		if step == "" || b.said[step] { // it is announced again after the output of another
			continue
		}
		if b.said == nil {
			b.said = map[string]bool{}
		}
		b.said[step] = true
		b.say("%s", step)
	}
	return b.log.Write(p)
}
