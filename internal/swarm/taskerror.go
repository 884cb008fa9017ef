// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/errorline"
	"github.com/seatrial/seatrial/internal/quote"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/swarm/converge"
	"github.com/seatrial/seatrial/wait"
)

// A TaskError is what seatrial.TaskError is made of.
type TaskError struct {
	Service, Task, Node, State, Update string
	Cause                              error
	Tail                               []string
	Lines                              int
	Hint                               string
}

func (e *TaskError) Unwrap() error { return e.Cause }

func (e *TaskError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "service %s: ", e.Service)
	if e.Update != "" {
		b.WriteString(e.Update + "; ")
	}
	if e.Task != "" {
		b.WriteString("task " + e.Task)
		if e.Node != "" {
			b.WriteString(" on " + e.Node)
		}
		b.WriteString(": ")
	}
	fmt.Fprint(&b, e.Cause)
	if len(e.Tail) > 0 {
		fmt.Fprintf(&b, "\n    last lines of %s (%d of %d):%s", e.Task, len(e.Tail), e.Lines, quote.Lines(e.Tail))
	}
	if e.Hint != "" {
		b.WriteString("\n    hint: " + e.Hint)
	}
	return b.String()
}

// taskError makes an error of a fault, with the task's last words.
func (g *serviceGroup) taskError(ctx context.Context, s engine.Service, bad *converge.Fault, hint string) error {
	e := &TaskError{Service: g.role(s.Name), Update: bad.Update, State: bad.Task.State, Cause: errors.New(bad.Why), Hint: hint}
	if bad.Task.ID == "" {
		return e
	}
	e.Task, e.Node = g.taskName(s, bad.Task), g.follower.hostname(bad.Task.Node)
	lines := g.follower.lastWords(ctx, bad.Task)
	e.Tail, e.Lines = report.LastLines(lines), len(lines)
	if bad.Why != "" {
		return e
	}
	exit := &wait.ExitError{State: wait.State{Status: "exited", ExitCode: bad.Task.ExitCode}, Said: errorline.OfExit(bad.Task.ExitCode, lines, nil)}
	if c := g.follower.containers.Get(bad.Task.Container); c != nil {
		exit.Said = cmp.Or(c.ErrorLine(ctx, ""), exit.Said)
		if state, err := c.Follower.State(ctx); err == nil && state.Status == "exited" {
			exit.State = wait.State(state)
		}
	}
	e.Cause = exit
	if bad.Ended > 1 {
		e.Cause = &again{exit, bad.Ended}
	}
	return e
}

// An again error says that tasks of a service end again and again: not always the one that is named.
type again struct {
	*wait.ExitError
	times int
}

func (e *again) Unwrap() error { return e.ExitError }
func (e *again) Error() string {
	return fmt.Sprintf("%v (%d tasks of the service have ended)", e.ExitError, e.times)
}

// lastWords returns the lines of a task, and of one that has ended all of them.
func (f *taskFollower) lastWords(ctx context.Context, t engine.Task) []string {
	if t.Container == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, container.LastWords)
	defer cancel()
	c, err := f.container(t)
	if err != nil {
		_, _, lines, _ := f.session.Engine.TaskLog(ctx, t.ID) // there may be none any more
		return lines
	}
	for t.Over() {
		changed := c.Follower.Changed()
		state, err := c.Follower.State(ctx)
		if err != nil || state.Status == "created" { // its program did not start
			break
		}
		if _, _, complete := c.Follower.Lines(state.StartID, 0); complete {
			break
		}
		select {
		case <-changed:
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	lines, _ := c.Follower.Tail(1 << 30)
	return slices.Clone(lines)
}
