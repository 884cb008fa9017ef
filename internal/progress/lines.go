// SPDX-License-Identifier: Apache-2.0

package progress

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// A View shows events. It is safe for concurrent use.
type View interface {
	Show(Event)
	Close() // ends the view, and removes what was shown temporarily
}

// Lines returns a view that writes a line for each event.
func Lines(w io.Writer) View { return &lines{w: w} }

type lines struct {
	mu   sync.Mutex
	w    io.Writer
	done bool
}

func (l *lines) Show(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if text := e.String(); text != "" && !l.done {
		fmt.Fprintln(l.w, text)
	}
}

func (l *lines) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.done = true
}

// Warnings returns a view that writes only warnings.
func Warnings(w io.Writer) View { return warnings{Lines(w)} }

type warnings struct{ View }

func (w warnings) Show(e Event) {
	if e.Kind == KindWarning {
		w.View.Show(e)
	}
}

// JSON returns a view that writes each event as a line of JSON, and warnings also as
// text.
func JSON(out, warn io.Writer, version int) *JSONLines {
	return &JSONLines{out: out, warn: Warnings(warn), version: version}
}

// JSONLines writes events for programs.
type JSONLines struct {
	mu      sync.Mutex
	out     io.Writer
	warn    View
	version int
	err     error
}

// Show writes an event.
func (j *JSONLines) Show(e Event) {
	j.warn.Show(e)
	if e.Took > 0 {
		j.Write(struct {
			Event
			Seconds float64 `json:"seconds"`
		}{e, e.Took.Round(time.Millisecond).Seconds()})
		return
	}
	j.Write(e)
}

// Close does nothing: a last event may follow.
func (j *JSONLines) Close() {}

// Write writes a value that is an object in JSON, with the version and the time before its
// own fields.
func (j *JSONLines) Write(event any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	content, err := json.Marshal(event)
	if err == nil {
		head := fmt.Sprintf(`{"version":%d,"time":%q,`, j.version, time.Now().UTC().Format(time.RFC3339Nano))
		_, err = io.WriteString(j.out, head+strings.TrimPrefix(string(content), "{")+"\n")
	}
	if err != nil && j.err == nil {
		j.err = err
	}
}

// Err returns the first error of writing.
func (j *JSONLines) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.err
}
