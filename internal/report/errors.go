// SPDX-License-Identifier: Apache-2.0

package report

import "fmt"

// Silent returns an error that errors.Is finds what it found in err, and that says
// nothing: for a cause that the words before it have told already.
func Silent(err error) error { return silent{err} }

type silent struct{ error }

func (s silent) Unwrap() error { return s.error }
func (silent) Error() string   { return "" }

// Reworded returns an error with another text: errors.Is and errors.As find in it what
// they find in err.
func Reworded(text string, err error) error { return &reworded{text, err} }

type reworded struct {
	text string
	err  error
}

func (e *reworded) Error() string { return e.text }
func (e *reworded) Unwrap() error { return e.err }

// A CommandError is what seatrial.CommandError is made of.
type CommandError struct {
	Command  string
	ExitCode int
	Stderr   []string // its last lines
	Err      error    // the whole story
}

func (e *CommandError) Error() string { return e.Err.Error() }
func (e *CommandError) Unwrap() error { return e.Err }

// A BuildError is what seatrial.BuildError is made of.
type BuildError struct {
	Dockerfile string
	Line       int
	Tail       []string
	Log        string
	Err        error // the whole story
}

func (e *BuildError) Error() string { return e.Err.Error() }
func (e *BuildError) Unwrap() error { return e.Err }

// Caused returns an error with a text of its own, and causes.
func Caused(text string, causes []error) error { return &failure{text, causes} }

// A failure is what was said by one Errorf.
type failure struct {
	text   string
	causes []error
}

func (f *failure) Error() string   { return f.text }
func (f *failure) Unwrap() []error { return f.causes }

// Failure returns what was said by one Errorf, with the errors among its arguments as causes.
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
