// SPDX-License-Identifier: Apache-2.0

package report

import "fmt"

// Silent returns an error without text that wraps err: for a cause that the text
// before it has given already.
func Silent(err error) error { return silent{err} }

type silent struct{ error }

func (s silent) Unwrap() error { return s.error }
func (silent) Error() string   { return "" }

// Reworded returns an error with another text that wraps err.
func Reworded(text string, err error) error { return &reworded{text, err} }

type reworded struct {
	text string
	err  error
}

func (e *reworded) Error() string { return e.text }
func (e *reworded) Unwrap() error { return e.err }

// A CommandError becomes a seatrial.CommandError.
type CommandError struct {
	Command  string
	ExitCode int
	Stderr   []string // its last lines
	Err      error    // the complete error
}

func (e *CommandError) Error() string { return e.Err.Error() }
func (e *CommandError) Unwrap() error { return e.Err }

// A BuildError becomes a seatrial.BuildError.
type BuildError struct {
	Dockerfile string
	Line       int
	Tail       []string
	Log        string
	Err        error // the complete error
}

func (e *BuildError) Error() string { return e.Err.Error() }
func (e *BuildError) Unwrap() error { return e.Err }

// Caused returns an error with its own text that wraps causes.
func Caused(text string, causes []error) error { return &failure{text, causes} }

// A failure is the error of one call of Errorf.
type failure struct {
	text   string
	causes []error
}

func (f *failure) Error() string   { return f.text }
func (f *failure) Unwrap() []error { return f.causes }

// Failure returns the error of one call of Errorf, which wraps the errors among its
// arguments.
func Failure(format string, args []any) error {
	f := &failure{text: fmt.Sprintf(format, args...)}
	for _, arg := range args {
		if err, ok := arg.(error); ok {
			f.causes = append(f.causes, err)
		}
	}
	if len(f.causes) == 1 && f.text == f.causes[0].Error() {
		return f.causes[0]
	}
	return f
}
