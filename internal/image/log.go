// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/buildlog"
	"github.com/seatrial/seatrial/internal/progress"
)

// buildLog writes the output of a build to a file, and reports its steps as progress.
type buildLog struct {
	log  io.Writer
	tell func(step string)

	mu   sync.Mutex
	rest []byte // of an incomplete line
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
		if step == "" || b.said[step] { // steps are announced again after output of others
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

// pullLog reads the output of docker compose pull --progress json, a line for each change of
// a layer, and reports how many layers and bytes have arrived: at once when a layer begins
// or ends, a few times a second otherwise.
type pullLog struct {
	tell func(progress.Event)
	now  func() time.Time

	rest   []byte // of an incomplete line
	layers map[string]*layer
	told   time.Time
}

// A layer has the progress of a layer.
type layer struct {
	here          bool
	loaded, bytes int64
}

// tellBytes is the least time between reports of bytes.
const tellBytes = 200 * time.Millisecond

func (p *pullLog) Write(b []byte) (int, error) {
	p.rest = append(p.rest, b...)
	for {
		line, rest, found := bytes.Cut(p.rest, []byte("\n"))
		if !found {
			return len(b), nil
		}
		p.rest = rest
		p.read(line)
	}
}

// read reads a line, and reports changes.
func (p *pullLog) read(line []byte) {
	var of struct {
		ID, Text       string
		Current, Total int64 // older versions have them only in the text
	}
	if json.Unmarshal(line, &of) != nil {
		return
	}
	l, known := p.layers[of.ID]
	if !known {
		l = &layer{}
	}
	before := *l
	switch of.Text {
	case "Pulling fs layer", "Waiting":
	case "Already exists":
		l.here = true
	case "Downloading":
		l.loaded, l.bytes = of.Current, max(of.Current, of.Total)
	case "Download complete":
		l.loaded = l.bytes
	case "Pull complete":
		l.here, l.loaded = true, l.bytes
	default:
		return
	}
	switch {
	case !known && (of.Text == "Downloading" || of.Text == "Download complete"):
		return // not a layer: the manifest and the configuration are downloaded, too
	case !known:
		if p.layers == nil {
			p.layers = map[string]*layer{}
		}
		p.layers[of.ID] = l
	case *l == before, l.here == before.here && p.now().Sub(p.told) < tellBytes:
		return
	}
	p.told = p.now()
	e := progress.Event{State: progress.Layer, Layers: len(p.layers)}
	for _, l := range p.layers {
		if l.here {
			e.Here++
		}
		e.Bytes += l.loaded
		e.AllBytes += l.bytes
	}
	p.tell(e)
}
