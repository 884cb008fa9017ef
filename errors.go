// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/swarm"
)

// A CommandError says that a command failed: one of [Docker], of
// [Container.Exec], or a docker command that another verb needed, such as docker
// compose up. A command that could not even be started has none. See [Try].
type CommandError struct {
	// Command is what messages call it: "docker volume rm", or the
	// spec.Command.Name; the whole command, if it ran in a container.
	Command string

	// ExitCode is -1 if the command was ended by a signal, or because its time
	// was up; then errors.Is(err, context.DeadlineExceeded).
	ExitCode int

	// Stderr has its last lines, or those of stdout if there are none.
	Stderr []string

	err error // the whole story
}

func (e *CommandError) Unwrap() error { return e.err }
func (e *CommandError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("%s: exited with code %d", e.Command, e.ExitCode)
	}
	return e.err.Error()
}

// A BuildError says that an image could not be built from its Dockerfile. See
// [Try].
type BuildError struct {
	Dockerfile string   // absolute
	Line       int      // where the step stands that failed; 0 if that is not known
	Tail       []string // what the build printed about it, or its last lines
	Log        string   // the file that has them all; it goes with a test that passes

	err error // the whole story
}

func (e *BuildError) Unwrap() error { return e.err }
func (e *BuildError) Error() string {
	if e.err == nil {
		return "building " + e.Dockerfile + " failed"
	}
	return e.err.Error()
}

// A TaskError says why a service of a swarm does not become what it is to be: the
// task that failed, or has no node. See [Try].
type TaskError struct {
	Service string // in the file
	Task    string // web.2; empty if there is none
	Node    string // its host name; empty if the task has none
	State   string // Docker's word: pending, rejected, failed, …
	Update  string // what became of an update by it: it is paused, or was rolled back

	// Cause is what happened: a *wait.ExitError if the program ended.
	Cause error

	Tail  []string // the last lines of its log
	Lines int      // how many there are altogether
	Hint  string   // what may help; may be empty

	err error // the whole story
}

func (e *TaskError) Unwrap() error {
	if e.err == nil {
		return e.Cause
	}
	return e.err
}

func (e *TaskError) Error() string {
	if e.err == nil {
		return (&swarm.TaskError{Service: e.Service, Task: e.Task, Node: e.Node, Update: e.Update, Cause: e.Cause, Tail: e.Tail, Lines: e.Lines, Hint: e.Hint}).Error()
	}
	return e.err.Error()
}

// typed puts a type of ours around an error whose cause is a command or a build, and
// leaves its text as it is.
func typed(err error) error {
	var build *report.BuildError
	var command *report.CommandError
	var task *swarm.TaskError
	var failed *engine.CommandError
	var cut *engine.CutOffError
	switch {
	case errors.As(err, &task):
		return &TaskError{Service: task.Service, Task: task.Task, Node: task.Node, State: task.State, Update: task.Update,
			Cause: task.Cause, Tail: task.Tail, Lines: task.Lines, Hint: task.Hint, err: err}
	case errors.As(err, &build):
		return &BuildError{Dockerfile: build.Dockerfile, Line: build.Line, Tail: build.Tail, Log: build.Log, err: err}
	case errors.As(err, &command):
		return &CommandError{Command: command.Command, ExitCode: command.ExitCode, Stderr: command.Stderr, err: err}
	case errors.As(err, &failed):
		return &CommandError{Command: called(failed.Verb), ExitCode: failed.ExitCode, Stderr: report.LastLines(failed.Stderr), err: err}
	case errors.As(err, &cut):
		return &CommandError{Command: called(cut.Verb), ExitCode: -1, err: err}
	}
	return err
}

// called is what messages call a docker command.
func called(verb string) string { return strings.TrimSpace("docker " + verb) }
