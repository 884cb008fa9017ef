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

// A CommandError says that a command failed: one run by [Docker] or
// [Container.Exec], or a docker command that another verb needed, such as docker
// compose up. A command that could not be started gives another error. See [Try].
type CommandError struct {
	// Command is its name in messages: "docker volume rm", or the
	// spec.Command.Name; if it ran in a container, the whole command.
	Command string

	// ExitCode is -1 if a signal ended the command, and if it ran out of time: then
	// errors.Is(err, context.DeadlineExceeded) holds, too.
	ExitCode int

	// Stderr has the last lines of its standard error, or of its standard output if
	// there are none.
	Stderr []string

	err error // the complete error
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
	Line       int      // of the step that failed; 0 if it is not known
	Tail       []string // the build's output about the failure, or its last lines
	Log        string   // the file with the whole output; it is removed if the test passes

	err error // the complete error
}

func (e *BuildError) Unwrap() error { return e.err }
func (e *BuildError) Error() string {
	if e.err == nil {
		return "building " + e.Dockerfile + " failed"
	}
	return e.err.Error()
}

// A TaskError says why a service of a swarm does not converge: it names the task
// that failed, or that no node takes. See [Try].
type TaskError struct {
	Service string // its name in the file
	Task    string // web.2; empty if there is none
	Node    string // its host name; empty if the task has none
	State   string // Docker's word: pending, rejected, failed, …
	Update  string // what became of the update that failed: "its update is paused: …"; empty if there was none

	// Cause is what happened: a *wait.ExitError if the program ended.
	Cause error

	Tail  []string // the last lines of its log
	Lines int      // the number of lines in the whole log
	Hint  string   // advice; may be empty

	err error // the complete error
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

// typed wraps an error whose cause is an internal type of a failed command, build or
// task in the exported type, and keeps its text.
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

// called returns the name of a docker command in messages.
func called(verb string) string { return strings.TrimSpace("docker " + verb) }
