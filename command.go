// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/wait"
)

// A Command is a command in the background, that [StartDocker] started. Its
// methods take the test that asks, which may be a subtest. They are safe for
// concurrent use.
type Command struct {
	// Name is what messages and artifacts call it.
	Name string

	session  *session.Session
	title    string // its name, and what it is in full
	call     engine.Command
	expected []int
	streams  [2]stream
	cut      context.CancelCauseFunc
	logged   atomic.Bool

	done   chan struct{} // closed when it has ended; then the following is set
	code   int           // -1 if a signal ended it
	how    string        // it ended, in words
	cause  error         // why it was cut off
	broken error         // why it could not be run
	took   time.Duration

	mu      sync.Mutex
	lines   []string      // both streams, redacted, in the order of arrival
	partial [2]string     // lines that have only begun
	changed chan struct{} // closed at the next change
}

func (c *Command) String() string { return c.Name }

// run runs the command to its end.
func (c *Command) run(ctx context.Context) {
	began := time.Now()
	err := c.session.Engine.Docker(ctx, c.call)
	c.took = time.Since(began)
	var failed *engine.CommandError
	var cut *engine.CutOffError
	switch {
	case errors.As(err, &failed):
		c.code, c.how = failed.ExitCode, "was ended by "+failed.Ended
	case errors.As(err, &cut):
		c.session.Unsure.Store(true)
		c.code, c.cause, c.how = cut.ExitCode, cut.Err, "was ended: "+cut.Err.Error()
		switch {
		case errors.Is(cut.Err, context.Canceled):
			c.how = "was ended: " + session.ErrEnded.Error()
		case errors.Is(cut.Err, context.DeadlineExceeded):
			c.how = fmt.Sprintf("did not end within %v", c.took.Round(time.Millisecond))
		}
	case err != nil:
		c.broken = fmt.Errorf("running %s: %w", c.Name, err)
		c.code, c.how = -1, "could not be run"
	}
	if c.how == "" || c.code >= 0 && c.cause == nil {
		c.how = fmt.Sprintf("exited with code %d", c.code)
	}
	for i := range c.streams {
		c.streams[i].close()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, rest := range c.partial {
		if c.partial[i] = ""; rest != "" { // a last line without an end
			c.lines = append(c.lines, rest)
		}
	}
	close(c.done)
	close(c.changed)
	c.changed = make(chan struct{})
}

// log tells how the command ended, once.
func (c *Command) log(t T) {
	t.Helper()
	if c.logged.Swap(true) {
		return
	}
	line := c.title + ": " + c.how
	if !errors.Is(c.cause, context.DeadlineExceeded) { // which says it
		line += fmt.Sprintf(", after %v", c.took.Round(time.Millisecond))
	}
	c.session.Artifacts.Note("%s", line)
	t.Logf("%s", line)
}

// end ends the command, if it runs, and waits for that.
func (c *Command) end(why error) {
	c.cut(why)
	<-c.done
}

// result is what the command left.
func (c *Command) result() *Result {
	return &Result{ExitCode: c.code, Stdout: c.streams[0].text(), Stderr: c.streams[1].text()}
}

// outcome returns what the command left, or why that is a failure.
func (c *Command) outcome() (*Result, error) {
	switch {
	case c.broken != nil:
		return nil, c.broken
	case errors.Is(c.cause, errStopped), c.cause == nil && slices.Contains(c.expected, c.code):
		return c.result(), nil
	}
	dir := c.session.Artifacts
	veiled := &report.Result{Stdout: dir.Redact(c.streams[0].text()), Stderr: dir.Redact(c.streams[1].text())}
	said := ""
	telling := slices.DeleteFunc(veiled.Lines(), engine.IsUsage)
	if line := wait.ErrorLine(telling); line != "" {
		said = ": " + line
	}
	err := fmt.Errorf("running %s: %s%s%s", c.Name, c.how, said, veiled.Tail())
	if n := len(veiled.Lines()); n > report.TailLines {
		err = fmt.Errorf("%w\n    all it printed: %s, %s", err, c.streams[0].file.Name(), c.streams[1].file.Name())
	}
	code := c.code
	if c.cause != nil {
		err, code = report.Reworded(err.Error(), c.cause), -1
	}
	return nil, &report.CommandError{Command: c.Name, ExitCode: code, Stderr: report.LastLines(veiled.Lines()), Err: err}
}

// Wait waits until the command fulfils all the conditions, one after the other,
// as [Container.Wait] does: wait.Log looks at what it prints, wait.Exit waits for
// its end, and those about ports look for them on this machine. wait.Exec and
// wait.File are about containers.
func (c *Command) Wait(t T, conditions ...wait.Condition) {
	t.Helper()
	if err := await(t, commandTarget{c}, conditions); err != nil {
		fail(t, err)
	}
}

// Result waits until the command has ended, and returns what it left. The test
// fails if its exit code is not one of spec.Command.ExitCodes, or if its time was
// up; after [Command.Stop] it does not.
func (c *Command) Result(t T) *Result {
	t.Helper()
	ctx, cancel := limit(t, 0, 24*time.Hour) // the command has a limit of its own
	defer cancel()
	select {
	case <-c.done:
	case <-ctx.Done():
		fail(t, fmt.Errorf("waiting for the end of %s: %w", c.Name, context.Cause(ctx)))
	}
	c.log(t)
	r, err := c.outcome()
	if err != nil {
		fail(t, err)
	}
	return r
}

// Stop ends the command and all that it started: with SIGTERM, and after three
// seconds with SIGKILL (on Windows it is ended at once, and alone). It returns what
// the command left, whatever its exit code; -1 is that of one that the signal
// ended. One that has ended is no error.
func (c *Command) Stop(t T) *Result {
	t.Helper()
	c.end(errStopped)
	c.log(t)
	return c.result()
}

// printed returns the writer for what the command prints on a stream, redacted.
func (c *Command) printed(i int) writerFunc {
	return func(p []byte) {
		c.mu.Lock()
		defer c.mu.Unlock()
		all := strings.Split(c.partial[i]+string(p), "\n")
		c.partial[i] = all[len(all)-1]
		if len(all) == 1 {
			return
		}
		for _, line := range all[:len(all)-1] {
			c.lines = append(c.lines, strings.TrimSuffix(line, "\r"))
		}
		close(c.changed)
		c.changed = make(chan struct{})
	}
}
