// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/seatrial/seatrial/wait"
)

// Logs returns what the container has printed so far, on both streams in the
// order of arrival, across restarts. What it prints arrives a moment later: to
// be sure of a line, Wait for it. The files of the artifact directory have
// the streams apart, and everything; this has the last 100,000 lines or so.
func (c *Container) Logs(t T) string {
	lines, _ := c.follower.Tail(1 << 30)
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// Stdout returns what the container has printed to its standard output so far,
// byte for byte, across restarts. See [Container.Logs] about when it arrives. A
// service of a project or stack has its own logging driver: what that does not keep,
// json-file bytes that are not UTF-8, is missing, and the test's log says so.
func (c *Container) Stdout(t T) string {
	t.Helper()
	return c.printed(t, 0, "stdout")
}

// Stderr is Stdout for the standard error. A container with a terminal has none.
func (c *Container) Stderr(t T) string {
	t.Helper()
	return c.printed(t, 1, "stderr")
}

func (c *Container) printed(t T, stream int, name string) string {
	t.Helper()
	text, err := c.read(stream)
	if err != nil {
		fail(t, fmt.Errorf("reading the %s of %s: %w", name, c.Name, err))
	}
	return text
}

func (c *Container) read(stream int) (string, error) {
	content, err := os.ReadFile(c.logs[stream].Name())
	if errors.Is(err, fs.ErrNotExist) && c.closed.Load() {
		err = errGone
	}
	return string(content), err
}

var errGone = errors.New("the test that made or wrapped it has ended, and its files are gone")

// Lines follows the log: it yields the lines of the container's present life,
// stdout and stderr in the order of arrival, first those that are there and then
// those that come. It ends when the container has ended and all of its log was
// seen; breaking off is fine at any time. A container that was not started yet
// is waited for.
//
//	for line := range db.Lines(t) {
//		…
//	}
func (c *Container) Lines(t T) iter.Seq[string] {
	return func(yield func(string) bool) {
		t.Helper()
		ctx, cancel := limit(t, 0, 24*time.Hour) // the test's deadline, if it has one
		defer cancel()
		err := c.followLines(ctx, yield)
		if err != nil && !errors.Is(err, context.Canceled) {
			fail(t, fmt.Errorf("following the log of %s: %w", c.Name, c.ended(err)))
		}
	}
}

func (c *Container) followLines(ctx context.Context, yield func(string) bool) error {
	if c.removed.Load() { // what was last known of it may be a second old
		return errRemoved
	}
	life, next := "", 0
	for {
		changed := c.follower.Changed() // before looking, so that nothing falls in between
		s, err := c.follower.State(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		}
		if life == "" && s.Status != "created" {
			life = s.StartID
		}
		over := s.StartID != life || wait.State(s).Ended() || c.closed.Load()
		lines, to, complete := c.follower.Lines(life, next)
		for _, line := range lines {
			if !yield(line) {
				return nil
			}
		}
		if next = to; life != "" && over && (complete || c.closed.Load()) {
			return nil
		}
		select {
		case <-changed:
		case <-time.After(time.Second): // in case an event was lost
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
