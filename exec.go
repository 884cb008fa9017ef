// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/check"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/environ"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// A Result is what a command that ran to its end left.
type Result struct {
	ExitCode int
	Stdout   string
	Stderr   string
}

// RunToEnd runs a container from an image to its end, in the foreground as it
// were, and returns what it left. The test fails if its exit code is not 0, or
// not one of spec.Container.ExitCodes.
func RunToEnd(t T, s spec.Container) *Result {
	t.Helper()
	return standard.RunToEnd(t, s)
}

func runToEnd(ctx context.Context, sc *session.Session, s spec.Container, say session.Progress) (*Result, error) {
	if s.Ready != nil {
		return nil, errors.New("running a container to its end: Ready is for Run")
	}
	c, err := startContainer(ctx, sc, s, say)
	if err != nil {
		return nil, err
	}
	return c.toEnd(ctx, s.ExitCodes)
}

// toEnd waits until the container has ended, with one of these codes, and returns
// what it left.
func (c *Container) toEnd(ctx context.Context, codes []int) (r *Result, err error) {
	expected := expected(codes)
	r = &Result{ExitCode: expected[0]}
	if err := wait.Until(ctx, target{c}, wait.Exit(expected[0])); err != nil {
		var exit *wait.ExitError
		if !errors.As(err, &exit) || !exit.State.Ended() || exit.State.Error != "" || !slices.Contains(expected, exit.State.ExitCode) {
			return nil, err
		}
		r.ExitCode = exit.State.ExitCode
	}
	if r.Stdout, err = c.read(0); err == nil {
		r.Stderr, err = c.read(1)
	}
	return r, err
}

// expected returns the exit codes that are no failure.
func expected(codes []int) []int {
	if len(codes) == 0 {
		return []int{0}
	}
	return codes
}

const execLimit = 2 * time.Minute

// Exec runs a command in the container, which must be running, and returns what
// it left. The test fails if its exit code is not 0, or not one of
// spec.Exec.ExitCodes. What it prints is not part of the container's log.
func (c *Container) Exec(t T, x spec.Exec) *Result {
	t.Helper()
	ctx, cancel := limit(t, x.TimeLimit, execLimit)
	defer cancel()
	r, err := c.exec(ctx, x)
	if err != nil {
		command := strings.Join(x.Command, " ")
		err = fmt.Errorf("running %q in %s: %w", command, c.Name, c.ended(err))
		if r != nil { // it ran
			err = &report.CommandError{Command: command, ExitCode: r.ExitCode, Stderr: report.LastLines(r.lines()), Err: err}
		}
		fail(t, err)
	}
	return r
}

// exec returns what is known of the command also if it failed.
func (c *Container) exec(ctx context.Context, x spec.Exec) (*Result, error) {
	var wrong report.Problems
	if len(x.Command) == 0 {
		wrong.Add("Command is not given")
	}
	if check.Env(x.Env, &wrong); wrong != nil {
		return nil, wrong.Joined()
	}
	var out, errs bytes.Buffer
	call := engine.Exec{Command: x.Command, Env: environ.List(x.Env), User: x.User, Dir: x.Dir, Out: &out, Err: &errs}
	if x.Stdin != "" {
		call.In = strings.NewReader(x.Stdin)
	}
	began := time.Now()
	code, err := c.engine.Exec(ctx, c.ID, call)
	r := &Result{ExitCode: code, Stdout: out.String(), Stderr: errs.String()}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		r.ExitCode = -1
		return r, &lateError{time.Since(began), r.tail()}
	case err != nil:
		return nil, err
	case !slices.Contains(expected(x.ExitCodes), code):
		return r, r.unexpected()
	}
	return r, nil
}

// A lateError says that a command was not over when its time was up.
type lateError struct {
	ran  time.Duration
	tail string
}

func (*lateError) Unwrap() error { return context.DeadlineExceeded }
func (e *lateError) Error() string {
	return fmt.Sprintf("it did not end within %v%s", e.ran.Round(time.Millisecond), e.tail)
}

// unexpected says with which code the command ended, and what it said last.
func (r *Result) unexpected() error {
	said := ""
	if line := wait.ErrorLine(r.lines()); line != "" {
		said = ": " + line
	}
	return fmt.Errorf("exited with code %d%s%s", r.ExitCode, said, r.tail())
}

// lines returns what the command said about itself: on stderr, or, if there is
// nothing, on stdout.
func (r *Result) lines() []string {
	text := strings.TrimSpace(r.Stderr)
	if text == "" {
		text = strings.TrimSpace(r.Stdout)
	}
	if text == "" {
		return nil
	}
	return strings.Split(strings.ReplaceAll(text, "\r", ""), "\n")
}

func (r *Result) tail() string {
	lines := r.lines()
	shown := report.LastLines(lines)
	if len(shown) < 2 {
		return "" // the first line has it
	}
	return fmt.Sprintf("\n    its last lines (%d of %d):%s", len(shown), len(lines), report.Quoted(shown))
}
