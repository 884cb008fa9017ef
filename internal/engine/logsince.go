// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/moby/moby/client"
)

// logs are what containers have logged so far.
type logs struct {
	*connection
	containers *containers
}

// LastLogged returns the time of the last message in the log of a container, as
// the engine writes it. It is empty if there is none.
func (e *logs) LastLogged(ctx context.Context, id string) (string, error) {
	last := ""
	err := e.readLogOf(ctx, id, client.ContainerLogsOptions{Tail: "1"}, func(m message) { last = m.time })
	return last, err
}

// LogSince writes what a container has logged after a message of this time, or
// all of its log, if that is empty. What comes after it counts, whatever its time:
// the engine's clock may have been set back.
func (e *logs) LogSince(ctx context.Context, id, last string, out, err io.Writer) error {
	var failed error
	found := last == ""
	read := e.readLogOf(ctx, id, client.ContainerLogsOptions{}, func(m message) {
		to := out
		if m.stderr {
			to = err
		}
		switch {
		case m.time == last:
			found = true
		case found && failed == nil:
			_, failed = io.WriteString(to, m.text)
		}
	})
	switch {
	case read != nil:
		return read
	case failed != nil || found:
		return failed
	}
	// The message is not kept any more.
	return e.LogSince(ctx, id, "", out, err)
}

// Messages hands on the last messages in the log of a container, most of them at most,
// with the engine's times. A message may be a part of a line, or several.
func (e *logs) Messages(ctx context.Context, id string, most int, emit func(at time.Time, stderr bool, text string)) error {
	return e.readLogOf(ctx, id, client.ContainerLogsOptions{Tail: strconv.Itoa(most)}, func(m message) {
		if at, err := time.Parse(time.RFC3339Nano, m.time); err == nil {
			emit(at, m.stderr, m.text)
		}
	})
}

// readLogOf reads the log of a container as it is now.
func (e *logs) readLogOf(ctx context.Context, id string, o client.ContainerLogsOptions, emit func(message)) error {
	c, err := e.containers.Inspect(ctx, id)
	if err != nil {
		return err
	}
	o.ShowStdout, o.ShowStderr, o.Timestamps = true, true, true
	stream, err := e.api.ContainerLogs(ctx, id, o)
	if err != nil {
		return err
	}
	defer stream.Close()
	return readLog(stream, c.Config.Tty, emit)
}
