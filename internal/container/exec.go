// SPDX-License-Identifier: Apache-2.0

package container

import (
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
	"github.com/seatrial/seatrial/internal/timelimit"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// RunToEnd runs a container to its end, and returns what it left.
func RunToEnd(ctx context.Context, sess *session.Session, s spec.Container, say session.Progress) (*report.Result, error) {
	if s.Ready != nil {
		return nil, errors.New("running a container to its end: Ready is for Run")
	}
	if err := checkEnds(s); err != nil {
		return nil, err
	}
	c, err := start(ctx, sess, s, say)
	if err != nil {
		return nil, err
	}
	return c.ToEnd(ctx, s.ExitCodes)
}

// checkEnds says why a container never ends, or leaves nothing to return.
func checkEnds(s spec.Container) error {
	flags, err := readFlags(s.Flags)
	if err != nil {
		return nil // which is said with all else that is wrong
	}
	var wrong report.Problems
	if policy := flags.last("--restart"); policy == "always" || policy == "unless-stopped" {
		wrong.Add("Flags: with --restart=%s it never ends: the engine starts it again\n    hint: Run starts it, and Wait waits for what it does", policy)
	}
	if flags.last("--log-driver") == "none" {
		wrong.Add("Flags: with --log-driver=none nothing is kept of what it prints, which RunToEnd returns\n    hint: Run and ExitCode do without")
	}
	return wrong.Err("running a container to its end")
}

// ToEnd waits until the container has ended, with one of these codes, and returns
// what it left.
func (c *Container) ToEnd(ctx context.Context, codes []int) (r *report.Result, err error) {
	expected := check.ExitCodes(codes)
	r = &report.Result{ExitCode: expected[0]}
	if err := wait.Until(ctx, c.Target(), wait.Exit(expected[0])); err != nil {
		var exit *wait.ExitError
		if !errors.As(err, &exit) || !exit.State.Ended() || exit.State.Error != "" || !slices.Contains(expected, exit.State.ExitCode) {
			return nil, err
		}
		r.ExitCode = exit.State.ExitCode
	}
	if r.Stdout, err = c.Log().read(0); err == nil {
		r.Stderr, err = c.Log().read(1)
	}
	return r, err
}

// ExecLimit bounds a command in a container.
const ExecLimit = 2 * time.Minute

// Exec runs a command in the container, and returns what it left: with an error, too,
// if it ran.
func (c *Container) Exec(ctx context.Context, x spec.Exec) (*report.Result, error) {
	began := time.Now()
	var said printed
	r, err := exec(ctx, c.Engine, c.ID, x, &said)
	command := strings.Join(x.Command, " ")
	if c.note != nil && r != nil {
		c.note("the test has run %q in %s: exit code %d, in %v", command, c.Name, r.ExitCode, time.Since(began).Round(time.Millisecond))
	}
	if err == nil {
		return r, nil
	}
	if c.merge != nil && r != nil {
		c.merge(said.messages(c.Name + "-exec"))
	}
	err = fmt.Errorf("running %q in %s: %w", command, c.Name, notRunning(c, err))
	if r != nil {
		err = &report.CommandError{Command: command, ExitCode: r.ExitCode, Stderr: report.LastLines(r.Lines()), Err: err}
	}
	return r, err
}

func exec(ctx context.Context, e *engine.Engine, id string, x spec.Exec, said *printed) (*report.Result, error) {
	var wrong report.Problems
	if len(x.Command) == 0 {
		wrong.Add("Command is not given")
	}
	if check.Env(x.Env, &wrong); wrong != nil {
		return nil, wrong.Joined()
	}
	call := engine.Exec{Command: x.Command, Env: environ.List(x.Env), User: x.User, Dir: x.Dir, Out: said.to(0), Err: said.to(1)}
	if x.Stdin != "" {
		call.In = strings.NewReader(x.Stdin)
	}
	began := time.Now()
	code, err := e.Exec(ctx, id, call)
	r := &report.Result{ExitCode: code, Stdout: said.streams[0].String(), Stderr: said.streams[1].String()}
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		r.ExitCode = -1
		return r, &lateError{timelimit.Given(ctx, began), report.By(ctx), r.Tail()}
	case err != nil:
		return nil, err
	case !slices.Contains(check.ExitCodes(x.ExitCodes), code):
		return r, r.Unexpected()
	}
	return r, nil
}

// A lateError says that a command was not over when its time was up.
type lateError struct {
	span time.Duration
	by   string // whose limit
	tail string
}

func (*lateError) Unwrap() error { return context.DeadlineExceeded }
func (e *lateError) Error() string {
	return fmt.Sprintf("it did not end within %v%s%s", e.span, e.by, e.tail)
}
