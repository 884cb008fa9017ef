// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/command"
	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// Docker runs a docker command to its end, or another program in its place, and
// returns what it left. The test fails if its exit code is not 0, or not one of
// spec.Command.ExitCodes. The test's log has the command, how it ended and how long
// it took; its output is in two files of the artifact directory.
//
//	seatrial.Docker(t, spec.Command{Args: []string{"image", "inspect", img.Ref}})
//
// Objects that such a command makes stay after the test, unless their names came
// from [Own]. Processes that it starts on this machine end with it, as long as they
// stay in its process group.
func Docker(t T, s spec.Command) *Result {
	t.Helper()
	return standard.Docker(t, s)
}

// Docker is the function [Docker], on this engine.
func (e *Engine) Docker(t T, s spec.Command) *Result {
	t.Helper()
	return do(t, e.of(), s.TimeLimit, command.Limit, func(ctx context.Context, sess *session.Session) (*Result, error) {
		t.Helper()
		c, err := command.Run(ctx, sess, s)
		if err != nil {
			return nil, err
		}
		logEnd(t, c)
		r, err := c.Outcome()
		return (*Result)(r), err
	})
}

// StartDocker starts a docker command, or another program in its place, in the
// background: docker events, say, or a proxy. The command ends by itself, by
// [Command.Stop], when its time is up, or with the test. Its exit code fails the
// test only if the test asks for its [Command.Result].
func StartDocker(t T, s spec.Command) *Command {
	t.Helper()
	return standard.StartDocker(t, s)
}

// StartDocker is the function [StartDocker], on this engine.
func (e *Engine) StartDocker(t T, s spec.Command) *Command {
	t.Helper()
	span, bound, err := session.Span(t, s.TimeLimit, command.Limit)
	if err != nil {
		fail(t, err)
	}
	sess, done := begin(t, e.of()) // the test does not end before the command
	// The command outlives the T that it was started with, which may be one of
	// Together.
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(t.Context()), span, bound)
	c, err := command.Start(ctx, sess, s, func() {
		cancel()
		done()
	})
	if err != nil {
		fail(t, err)
	}
	t.Logf("%s: started", c.Title())
	test := session.TestOf(t)
	test.Cleanup(func() {
		test.Helper()
		c.End(session.ErrEnded)
		logEnd(test, c)
	})
	return &Command{Name: c.Name, command: c}
}

// A Command is a command in the background, started by [StartDocker]. Its methods
// take the test that asks, which may be a subtest. They are safe for concurrent
// use.
type Command struct {
	// Name is the command's name in messages and artifacts.
	Name string

	command *command.Command
}

// String returns the Name.
func (c *Command) String() string { return c.Name }

// Wait waits until the command fulfils all the conditions, one after the other,
// as [Container.Wait] does: wait.Log searches its output, wait.Exit waits for its
// end, and conditions about ports look at ports of this machine. wait.Exec and
// wait.File need a container, and fail the test.
func (c *Command) Wait(t T, conditions ...wait.Condition) {
	t.Helper()
	if err := session.Await(t, c.command.Target(), container.RunLimit, conditions); err != nil {
		fail(t, err)
	}
}

// Result waits until the command has ended, and returns its exit code and output.
// The test fails if the exit code is not one of spec.Command.ExitCodes, or if the
// command ran out of time, but not after [Command.Stop].
func (c *Command) Result(t T) *Result {
	t.Helper()
	ctx, cancel := limit(t, 0, 24*time.Hour) // the command has a limit of its own
	defer cancel()
	select {
	case <-c.command.Done():
	case <-ctx.Done():
		fail(t, fmt.Errorf("waiting for the end of %s: %w", c.Name, context.Cause(ctx)))
	}
	logEnd(t, c.command)
	r, err := c.command.Outcome()
	if err != nil {
		fail(t, err)
	}
	return (*Result)(r)
}

// Stop ends the command and all that it started: with SIGTERM, and after three
// seconds with SIGKILL (on Windows it is killed at once, and without its children).
// It returns the exit code, -1 if a signal ended the command, and the output. No
// exit code fails the test, nor does a command that has ended already.
func (c *Command) Stop(t T) *Result {
	t.Helper()
	c.command.End(command.ErrStopped)
	logEnd(t, c.command)
	return (*Result)(c.command.Result())
}

// logEnd logs how a command ended, once.
func logEnd(t T, c *command.Command) {
	t.Helper()
	if line, first := c.Ended(); first {
		t.Logf("%s", line)
	}
}
