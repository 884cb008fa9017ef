// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/seatrial/seatrial/wait"
)

// Logs returns the last lines of both streams that are in memory.
func (c *Container) Logs() string {
	lines, _ := c.Follower.Tail(1 << 30)
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// Stdout returns what the container has printed to its standard output so far.
func (c *Container) Stdout() (string, error) { return c.printed(0, "stdout") }

// Stderr is Stdout for the standard error.
func (c *Container) Stderr() (string, error) { return c.printed(1, "stderr") }

func (c *Container) printed(stream int, name string) (string, error) {
	text, err := c.read(stream)
	if err != nil {
		return "", fmt.Errorf("reading the %s of %s: %w", name, c.Name, err)
	}
	return text, nil
}

func (c *Container) read(stream int) (string, error) {
	content, err := os.ReadFile(c.logs[stream].Name())
	if errors.Is(err, fs.ErrNotExist) && c.closed.Load() {
		err = errGone
	}
	return string(content), err
}

var errGone = errors.New("the test that made or wrapped it has ended, and its files are gone")

// Lines calls yield for the lines of the container's present life, until it has ended, or
// yield returns false.
func (c *Container) Lines(ctx context.Context, yield func(string) bool) error {
	err := c.followLines(ctx, yield)
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("following the log of %s: %w", c.Name, c.Ended(err))
	}
	return nil
}

func (c *Container) followLines(ctx context.Context, yield func(string) bool) error {
	if c.removed.Load() { // what was last known of it may be a second old
		return ErrRemoved
	}
	life, next := "", 0
	for {
		changed := c.Follower.Changed() // before looking, so that nothing falls in between
		s, err := c.Follower.State(ctx)
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
		lines, to, complete := c.Follower.Lines(life, next)
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
