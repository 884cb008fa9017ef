// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
)

// A message is what the engine's log has as one entry: a line, or a piece of
// one that is longer than 16 KiB.
type message struct {
	time   string // RFC 3339 with nanoseconds, of fixed width, so that strings compare as times
	stderr bool
	text   string // with the line's end
}

// readLog calls emit for each message of a log that was asked for with
// timestamps. Without a terminal each message stands in a frame. With one there
// are no frames.
func readLog(r io.Reader, tty bool, emit func(message)) error {
	to := func(stderr bool) frameWriter {
		return func(text []byte) error {
			if len(text) > 0 {
				stamp, rest, _ := strings.Cut(string(text), " ")
				emit(message{time: stamp, stderr: stderr, text: rest})
			}
			return nil
		}
	}
	if !tty {
		return splitStreams(r, to(false), to(true))
	}
	for in := bufio.NewReaderSize(r, 32<<10); ; {
		line, err := in.ReadBytes('\n')
		for _, part := range parts(line) {
			_ = to(false)(part)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// mostLogged is how many bytes of a line an engine logs at once. Of a longer one it makes
// several messages.
const mostLogged = 16 << 10

// parts returns the messages that stand in one line of a log without frames: a message of
// a long line ends without a word, and the time of the next follows at once.
func parts(line []byte) (all [][]byte) {
	for {
		stamp, text, _ := bytes.Cut(line, []byte(" "))
		if len(text) <= mostLogged {
			return append(all, line)
		}
		next := text[mostLogged:]
		after, _, found := bytes.Cut(next[:min(len(next), len(time.RFC3339Nano)+1)], []byte(" "))
		if _, err := time.Parse(time.RFC3339Nano, string(after)); !found || err != nil {
			return append(all, line)
		}
		all = append(all, line[:len(stamp)+1+mostLogged])
		line = next
	}
}

// An engineError is what the engine says within a stream, in place of what it
// cannot read; or says that what it sent is no such stream.
type engineError struct{ said string }

func (e engineError) Error() string { return e.said }

// splitStreams writes what comes in frames to the stream that each names, frame by
// frame. An end within a frame is an error: a connection broke.
func splitStreams(r io.Reader, out, errs frameWriter) error {
	in := &framed{r: r}
	_, err := stdcopy.StdCopy(in.count(out), in.count(errs), in)
	switch {
	case err == nil && in.open != 0: // for stdcopy it is an end like any other
		return io.ErrUnexpectedEOF
	case err != nil && in.err == nil:
		return engineError{strings.TrimSpace(err.Error())}
	}
	return err
}

// A frameWriter is given one frame at a time.
type frameWriter func(text []byte) error

func (w frameWriter) Write(text []byte) (int, error) { return len(text), w(text) }

// A framed counts the bytes of frames that are not whole yet.
type framed struct {
	r    io.Reader
	open int
	err  error // by which reading or writing ended
}

func (f *framed) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	f.open += n
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}

// frameHead is the stream's number and the length, before each frame's text.
const frameHead = 8

func (f *framed) count(w frameWriter) frameWriter {
	return func(text []byte) error {
		f.open -= frameHead + len(text)
		f.err = w(text)
		return f.err
	}
}
