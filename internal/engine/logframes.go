// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A message is what the engine's log has as one entry: a line, or a piece of
// one that is longer than 16 KiB.
type message struct {
	time   string // RFC 3339 with nanoseconds, of fixed width, so that strings compare as times
	stderr bool
	text   string // with the line's end
}

// readLog calls emit for each message of a log that was asked for with
// timestamps. Without a terminal each message stands in a frame: a byte for the
// stream, three zeros, four bytes for the length. With one there are no frames.
// https://docs.docker.com/reference/api/engine/version/v1.41/#operation/ContainerAttach
func readLog(r io.Reader, tty bool, emit func(message)) error {
	in := bufio.NewReaderSize(r, 32<<10)
	for {
		stderr, text, err := readMessage(in, tty)
		if text != "" {
			time, rest, _ := strings.Cut(text, " ")
			emit(message{time: time, stderr: stderr, text: rest})
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// The engine cuts lines at 16 KiB; a longer frame can only be garbage.
const maxFrame = 1 << 20

func readMessage(in *bufio.Reader, tty bool) (stderr bool, text string, err error) {
	if tty {
		text, err = in.ReadString('\n')
		return false, text, err
	}
	var head [8]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return false, "", err
	}
	size := binary.BigEndian.Uint32(head[4:])
	if head[0] > 3 || size > maxFrame {
		return false, "", fmt.Errorf("reading the log: frame with stream %d and %d bytes", head[0], size)
	}
	body := make([]byte, size)
	_, err = io.ReadFull(in, body)
	return head[0] == 2, string(body), err
}
