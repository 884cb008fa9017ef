// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"io"
	"strings"
	"sync"

	"github.com/seatrial/seatrial/internal/buildlog"
)

// buildLog writes what a build prints to a file, and tells its steps.
type buildLog struct {
	log  io.Writer
	tell func(step string)

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
		b.tell(step)
	}
	return b.log.Write(p)
}

// pullLog reads what docker image pull prints where there is no terminal, a line for each
// change of a layer, and tells how many of them are here.
type pullLog struct {
	tell func(here, all int)

	rest []byte // of a line
	here map[string]bool
}

func (p *pullLog) Write(b []byte) (int, error) {
	p.rest = append(p.rest, b...)
	for {
		line, rest, found := bytes.Cut(p.rest, []byte("\n"))
		if !found {
			return len(b), nil
		}
		p.rest = rest
		id, state, _ := strings.Cut(strings.TrimSpace(string(line)), ": ")
		is, known := map[string]bool{"Pulling fs layer": false, "Waiting": false, "Already exists": true, "Pull complete": true}[state]
		if !known || p.here[id] {
			continue
		}
		if p.here == nil {
			p.here = map[string]bool{}
		}
		p.here[id] = is
		n := 0
		for _, is := range p.here {
			if is {
				n++
			}
		}
		p.tell(n, len(p.here))
	}
}
