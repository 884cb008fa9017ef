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
	return readTerminal(bufio.NewReaderSize(r, 32<<10), to(false))
}

// mostLogged is how many bytes of a line an engine logs at once. Of a longer one it makes
// several messages.
const mostLogged = 16 << 10

// readTerminal hands on the messages of a log without frames. One that is as long as they
// get has no end that can be seen: it is handed on at once, since nothing may follow, and
// what follows without a time of its own belongs to it.
func readTerminal(in *bufio.Reader, emit frameWriter) error {
	stamp := ""
	for {
		if next := nextStamp(in); next != "" {
			stamp = next
			_, _ = in.Discard(len(next)) // what was looked at is there
		}
		text, err := readUpTo(in, mostLogged)
		if len(text) > 0 {
			_ = emit([]byte(stamp + string(text)))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// nextStamp returns the time that comes next, with the blank after it, or nothing.
func nextStamp(in *bufio.Reader) string {
	if first, err := in.Peek(1); err != nil || first[0] < '0' || first[0] > '9' {
		return "" // the end of a line may be all that comes for long
	}
	head, _ := in.Peek(len(time.RFC3339Nano) + 1) // less at the end of the log
	stamp, _, found := bytes.Cut(head, []byte(" "))
	if _, err := time.Parse(time.RFC3339Nano, string(stamp)); !found || err != nil {
		return ""
	}
	return string(stamp) + " "
}

// readUpTo reads the rest of a line, or so many bytes of it.
func readUpTo(in *bufio.Reader, most int) (text []byte, err error) {
	for len(text) < most {
		b, err := in.ReadByte()
		if err != nil {
			return text, err
		}
		text = append(text, b)
		if b == '\n' {
			break
		}
	}
	return text, nil
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
