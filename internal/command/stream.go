// SPDX-License-Identifier: Apache-2.0

package command

import (
	"bytes"
	"io"
	"os"
	"sync"

	"github.com/seatrial/seatrial/internal/artifact"
)

// A stream collects one output stream of a command: unchanged in memory, and
// redacted for a file and a listener.
type stream struct {
	file     *os.File
	redacted io.WriteCloser // to the file and the listener

	mu  sync.Mutex
	all bytes.Buffer
}

// A writerFunc is an io.Writer that calls the function.
type writerFunc func([]byte)

func (f writerFunc) Write(p []byte) (int, error) {
	f(p)
	return len(p), nil
}

// open makes the file, with the given name if there is one.
func (s *stream) open(dir *artifact.Dir, standard, given string, listener io.Writer) (err error) {
	if given != "" {
		s.file, err = dir.CreateAs(given)
	} else {
		s.file, err = dir.Create(standard)
	}
	if err == nil {
		s.redacted = dir.RedactTo(io.MultiWriter(s.file, listener))
	}
	return err
}

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.Write(p)
	return s.redacted.Write(p)
}

func (s *stream) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}

func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.redacted.Close() // a full disk has been reported by Write
	s.file.Close()
}
