// SPDX-License-Identifier: Apache-2.0

package artifact

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"
)

// MergedName is the name of the file with the messages of all logs, in the order of their
// times: lines like "2026-01-02T15:04:05.123456789Z web err text".
const MergedName = "merged.log"

// Bounds of the merged log. Its beginning is cut, because the end is closest to the
// failure.
const (
	MostMessages = 100_000  // of all logs
	mostMerged   = 16 << 20 // bytes of all logs
)

// A Message is one piece of a program's output, usually a line.
type Message struct {
	Time   time.Time // by the engine's clock
	Source string    // the name of the container
	Stderr bool
	Text   string
}

// AddMessages adds messages of one log, in its order, to those of the merged one.
func (d *Dir) AddMessages(all []Message) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.messages = append(d.messages, all...)
}

// WriteMerged writes the merged log, with secrets hidden, if there is something in it.
func (d *Dir) WriteMerged() error {
	d.mu.Lock()
	all := d.messages
	d.messages = nil
	d.mu.Unlock()
	if len(all) == 0 {
		return nil
	}
	slices.SortStableFunc(all, func(a, b Message) int { return a.Time.Compare(b.Time) })
	first, size := len(all), 0
	for first > 0 && len(all)-first < MostMessages && size < mostMerged {
		first--
		size += len(all[first].Text)
	}
	file, err := d.Create(MergedName)
	if err != nil {
		return err
	}
	to := bufio.NewWriter(file)
	if first > 0 {
		fmt.Fprintf(to, "%s seatrial out the first %d messages are left out here; the files of the services have them\n", all[first].Time.UTC().Format(time.RFC3339Nano), first)
	}
	for _, m := range all[first:] {
		stream := "out"
		if m.Stderr {
			stream = "err"
		}
		fmt.Fprintf(to, "%s %s %s %s\n", m.Time.UTC().Format(time.RFC3339Nano), m.Source, stream, d.Redact(m.Text))
	}
	if err := errors.Join(to.Flush(), file.Close()); err != nil {
		return fmt.Errorf("writing artifact %q: %w", MergedName, err)
	}
	return nil
}

// A Merger assembles messages from the records of one log: engines split long lines, and
// a record may have several lines. The zero value is ready to use.
type Merger struct {
	Source string
	All    []Message
	begun  [2]*Message
}

// Add adds the text of a record.
func (m *Merger) Add(at time.Time, stderr bool, text string) {
	stream := 0
	if stderr {
		stream = 1
	}
	for line := range bytes.Lines([]byte(text)) {
		rest, whole := bytes.CutSuffix(line, []byte("\n"))
		begun := cmp.Or(m.begun[stream], &Message{Time: at, Source: m.Source, Stderr: stderr})
		begun.Text += string(rest)
		m.begun[stream] = begun
		if whole {
			m.end(stream)
		}
	}
}

func (m *Merger) end(stream int) {
	if begun := m.begun[stream]; begun != nil {
		begun.Text = string(bytes.TrimRight([]byte(begun.Text), "\r"))
		m.All = append(m.All, *begun)
	}
	m.begun[stream] = nil
}

// End adds incomplete last lines.
func (m *Merger) End() {
	m.end(0)
	m.end(1)
}
