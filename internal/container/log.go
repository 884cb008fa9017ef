// SPDX-License-Identifier: Apache-2.0

package container

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/quote"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
)

// A Log is what a container has printed.
type Log struct{ c *Container }

// Log returns the container's.
func (c *Container) Log() Log { return Log{c} }

// Text returns the last lines of both streams that are in memory.
func (l Log) Text() string {
	l.arrive()
	lines, _ := l.c.Follower.Tail(1 << 30)
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// Stdout returns what the container has printed to its standard output so far.
func (l Log) Stdout() (string, error) { return l.printed(0, "stdout") }

// Stderr is Stdout for the standard error.
func (l Log) Stderr() (string, error) { return l.printed(1, "stderr") }

func (l Log) printed(stream int, name string) (string, error) {
	text, err := l.read(stream)
	if err != nil {
		return "", fmt.Errorf("reading the %s of %s: %w", name, l.c.Name, err)
	}
	return text, nil
}

const (
	arriving = 2 * time.Second // without a line more, the rest of a log is not waited for any longer
	arrival  = time.Minute     // nor ever longer than this
)

// arrive waits for the rest of what a container has printed that has ended: the engine may
// say so before it has handed out all of it.
func (l Log) arrive() {
	if l.c.Follower == nil || l.c.closed.Load() || l.c.removed.Load() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), arrival)
	defer cancel()
	quiet := time.NewTimer(arriving)
	defer quiet.Stop()
	for before := 0; ; {
		changed := l.c.Follower.Changed()
		s, err := l.c.Follower.Known(ctx)
		if err != nil || !wait.State(s).Ended() {
			return
		}
		if _, _, complete := l.c.Follower.Lines(s.StartID, math.MaxInt); complete {
			return
		}
		if _, total := l.c.Follower.Tail(0); total > before {
			before = total
			quiet.Reset(arriving)
		}
		select {
		case <-changed:
		case <-quiet.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (l Log) read(stream int) (string, error) {
	l.arrive()
	content, err := os.ReadFile(l.c.files.files[stream].Name())
	if errors.Is(err, fs.ErrNotExist) && l.c.closed.Load() {
		err = errGone
	}
	return string(content), err
}

var errGone = errors.New("the test that made or wrapped it has ended, and its files are gone")

// Lines calls yield for the lines of the container's present life, until it has ended, or
// yield returns false.
func (l Log) Lines(ctx context.Context, yield func(string) bool) error {
	err := l.follow(ctx, yield)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil {
		return fmt.Errorf("still following the log of %s when time was up%s\n    hint: Lines goes on until the container ends; Logs returns what there is now%w", l.c.Name, report.By(ctx), report.Silent(err))
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("following the log of %s: %w", l.c.Name, l.c.Ended(err))
	}
	return nil
}

func (l Log) follow(ctx context.Context, yield func(string) bool) error {
	if l.c.removed.Load() { // what was last known of it may be a second old
		return ErrRemoved
	}
	life, next := "", 0
	for {
		changed := l.c.Follower.Changed() // before looking, so that nothing falls in between
		s, err := l.c.Follower.State(ctx)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case err != nil:
			return err
		}
		if life == "" && s.Status != "created" {
			life = s.StartID
		}
		over := s.StartID != life || wait.State(s).Ended() || l.c.closed.Load()
		lines, to, complete := l.c.Follower.Lines(life, next)
		for _, line := range lines {
			if !yield(line) {
				return nil
			}
		}
		if next = to; life != "" && over && (complete || l.c.closed.Load()) {
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

// Last shows the end of the log below a message.
func (l Log) Last() string {
	all, total := l.c.Follower.Tail(quote.Looked)
	lines, covered := quote.Last(all, report.TailLines)
	if total == 0 {
		return "\n    " + l.c.Name + " logged nothing"
	}
	return fmt.Sprintf("\n    last lines of %s (%d of %d):%s", l.c.Name, covered, total, quote.Lines(lines))
}
