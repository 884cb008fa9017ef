// SPDX-License-Identifier: Apache-2.0

package container

import (
	"bytes"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
)

// What a command printed, with when. Of one that fails the merged log shows it between the
// lines of the containers: the error quotes a few lines of one stream.
type printed struct {
	streams [2]bytes.Buffer
	parts   []part
}

// A part is what came at once.
type part struct {
	at     time.Time
	stream int
	length int
}

// to is the writer to a stream. The engine writes to one at a time.
func (p *printed) to(stream int) printedStream { return printedStream{p, stream} }

type printedStream struct {
	p      *printed
	stream int
}

func (s printedStream) Write(text []byte) (int, error) {
	s.p.parts = append(s.p.parts, part{time.Now(), s.stream, len(text)})
	return s.p.streams[s.stream].Write(text)
}

// messages returns all of it as lines of the merged log.
func (p *printed) messages(source string) []artifact.Message {
	m := artifact.Merger{Source: source}
	rest := [2][]byte{p.streams[0].Bytes(), p.streams[1].Bytes()}
	for _, part := range p.parts {
		text := rest[part.stream][:part.length]
		rest[part.stream] = rest[part.stream][part.length:]
		m.Add(part.at, part.stream == 1, string(text))
	}
	m.End()
	return m.All
}
