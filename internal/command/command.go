// SPDX-License-Identifier: Apache-2.0

package command

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
	"github.com/seatrial/seatrial/spec"
)

// Limit is the default time limit of a command.
const Limit = 10 * time.Minute

// ErrStopped is the cause if a command was stopped.
var ErrStopped = errors.New("it was stopped")

// A Command is a command that runs, or has run.
type Command struct {
	Name string // its name in messages and artifacts

	session  *session.Session
	title    string // its name and its arguments
	call     engine.Command
	expected []int
	streams  [2]stream
	cut      context.CancelCauseFunc
	logged   atomic.Bool

	done   chan struct{} // closed when it has ended; the following fields are set then
	code   int           // -1 if a signal ended it
	how    string        // how it ended, in words
	cause  error         // why it was stopped early
	broken error         // why it could not be started
	took   time.Duration

	mu      sync.Mutex
	lines   []string      // both streams, redacted, in the order of arrival
	partial [2]string     // incomplete lines
	changed chan struct{} // closed at the next change
}

// Run runs a command to its end.
func Run(ctx context.Context, sess *session.Session, s spec.Command) (*Command, error) {
	c, err := prepare(sess, s)
	if err == nil {
		c.run(ctx)
	}
	return c, err
}

// Start starts a command, and returns when it runs. The command runs until the context or
// the session ends; done is called when it has ended.
func Start(ctx context.Context, sess *session.Session, s spec.Command, done func()) (*Command, error) {
	c, err := prepare(sess, s)
	if err != nil {
		done()
		return nil, err
	}
	ctx, c.cut = context.WithCancelCause(ctx)
	context.AfterFunc(sess.Ending(), func() { c.cut(session.ErrEnded) })
	started := make(chan struct{})
	c.call.Started = func() { close(started) }
	go func() {
		defer done()
		c.run(ctx)
	}()
	select {
	case <-started:
	case <-c.done:
	}
	if c.broken != nil {
		return nil, c.broken
	}
	sess.Artifacts.Note("%s: started", c.title)
	return c, nil
}

// Title returns the name of the command, with its arguments.
func (c *Command) Title() string { return c.title }

// Done is closed when the command has ended.
func (c *Command) Done() <-chan struct{} { return c.done }

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
			c.how = strings.TrimPrefix(cut.Error(), "docker "+cut.Verb+" ")
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
		if c.partial[i] = ""; rest != "" { // a last line without a newline
			c.lines = append(c.lines, rest)
		}
	}
	close(c.done)
	close(c.changed)
	c.changed = make(chan struct{})
}

// Ended describes how the command ended; first is true for the first caller.
func (c *Command) Ended() (line string, first bool) {
	if c.logged.Swap(true) {
		return "", false
	}
	line = c.title + ": " + c.how
	if !errors.Is(c.cause, context.DeadlineExceeded) { // the cause says it already
		line += fmt.Sprintf(", after %v", c.took.Round(time.Millisecond))
	}
	c.session.Artifacts.Note("%s", line)
	return line, true
}

// End ends the command if it runs, and waits for its end.
func (c *Command) End(why error) {
	c.cut(why)
	<-c.done
}

// Result returns the exit code and output of the command.
func (c *Command) Result() *report.Result {
	return &report.Result{ExitCode: c.code, Stdout: c.streams[0].text(), Stderr: c.streams[1].text()}
}

// Outcome returns the result, or an error if it is a failure.
func (c *Command) Outcome() (*report.Result, error) {
	switch {
	case c.broken != nil:
		return nil, c.broken
	case errors.Is(c.cause, ErrStopped), c.cause == nil && slices.Contains(c.expected, c.code):
		return c.Result(), nil
	}
	dir := c.session.Artifacts
	shown := &report.Result{ExitCode: c.code, Stdout: dir.Redact(c.streams[0].text()), Stderr: dir.Redact(c.streams[1].text())}
	said := ""
	if line := shown.ErrorLine(); line != "" {
		said = ": " + line
	}
	err := fmt.Errorf("running %s: %s%s%s", c.Name, c.how, said, shown.Tail())
	if n := len(shown.Lines()); n > report.TailLines {
		err = fmt.Errorf("%w\n    all it printed: %s, %s", err, c.streams[0].file.Name(), c.streams[1].file.Name())
	}
	code := c.code
	if c.cause != nil {
		err, code = report.Reworded(err.Error(), c.cause), -1
	}
	return nil, &report.CommandError{Command: c.Name, ExitCode: code, Stderr: report.LastLines(shown.Lines()), Err: err}
}

// printed returns the writer that gets the redacted output of a stream.
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
