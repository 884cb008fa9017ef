// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/quote"
	"github.com/seatrial/seatrial/internal/timelimit"
)

// An Error says why a wait ended though its condition does not hold. The first line of
// its text has the reason; the last lines of the target's log and a hint follow.
type Error struct {
	Condition string   // what was waited for
	Target    string   // the name of the target
	Cause     error    // what happened instead, or that time was up and what was last seen
	Tail      []string // the last lines of the target's log; similar lines are one, with their number
	Lines     int      // the number of lines in the whole log
	Hint      string   // advice; may be empty

	what    string // what the target did, and what not
	covered int    // lines of the log that Tail stands for
	unread  string // why there is no log
	begun   bool   // a line has begun, and not ended
}

func (e *Error) Unwrap() error { return e.Cause }

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.what)
	if e.what == "" { // made by others
		fmt.Fprintf(&b, "waiting for %s of %s: %v", e.Condition, e.Target, e.Cause)
	}
	if e.Lines == 0 && e.unread != "" {
		if !strings.Contains(e.Cause.Error(), e.unread) {
			b.WriteString("\n    " + e.unread)
		}
	} else if e.Lines == 0 && e.begun {
		fmt.Fprintf(&b, "\n    %s logged no line", e.Target)
	} else if e.Lines == 0 {
		fmt.Fprintf(&b, "\n    %s logged nothing", e.Target)
	} else {
		fmt.Fprintf(&b, "\n    last lines of %s (%d of %d):%s", e.Target, max(e.covered, len(e.Tail)), e.Lines, quote.Lines(e.Tail))
	}
	if e.Hint != "" {
		b.WriteString("\n    hint: " + e.Hint)
	}
	return b.String()
}

const tailLines = 12

func newError(t Target, c Condition, cause error) *Error {
	lines, total := t.Tail(quote.Looked)
	tail, covered := quote.Last(lines, tailLines)
	e := &Error{Condition: c.String(), Target: t.Name(), Cause: cause, what: happened(t.Name(), c, cause), Tail: tail, covered: covered, Lines: total, unread: t.Unread(), begun: len(t.Begun()) > 0}
	var h interface{ advice() string }
	if errors.As(cause, &h) {
		e.Hint = h.advice()
	}
	return e
}

// happened tells why a wait ended, with the target as what it is about: db exited with code
// 3 before logging "ready".
func happened(target string, c Condition, cause error) string {
	goal := c.goal()
	if several, ok := cause.(interface{ alike() error }); ok && several.alike() != nil {
		cause = several.alike()
	}
	switch cause := cause.(type) {
	case *crashError:
		return target + " " + cause.Error()
	case *unhealthyError:
		return target + " is " + cause.Error()
	case *timeoutError:
		return target + " did not " + goal.do + cause.Error()[len("not"):]
	case *ExitError:
		state := cause.State.String()
		switch {
		case cause.State.OOMKilled:
			state = "was " + state + " before " + goal.doing
		case cause.State.Error != "":
		case goal.other != "":
			state += goal.other
		default:
			state += " before " + goal.doing
		}
		return target + " " + cause.text(state)
	}
	return fmt.Sprintf("%s did not %s: %v", target, goal.do, cause)
}

// An ExitError is the cause of an [*Error] when the container ended.
type ExitError struct {
	State State

	// Said is the line of its log that most likely tells why it ended. It is empty if
	// no line speaks of trouble, or if the state says why.
	Said string

	saw sight // what was last seen before, if that helps
}

func (e *ExitError) Error() string { return e.text(e.State.String()) }

// text adds to words for the state what else is known.
func (e *ExitError) text(text string) string {
	if e.Said != "" {
		text += ": " + e.Said
	}
	if e.saw.what != "" {
		text += "; last saw " + e.saw.what
	}
	return text
}

// A finalError is a sight after which there is nothing to wait for.
type finalError struct{ sight }

func (e *finalError) Error() string  { return e.what }
func (e *finalError) advice() string { return e.hint }

// lastWords gives the log of an ended container a moment to arrive, and takes
// from it why the container ended: the engine may say that it ended before it has
// handed out all that it printed.
func lastWords(ctx context.Context, t Target, cause error) {
	var exit *ExitError
	var loop *crashError // its earlier lives have told
	if !errors.As(cause, &exit) || errors.As(cause, &loop) {
		return
	}
	arriving, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for {
		changed := t.Changed()
		if _, _, complete := t.Lines(exit.State.StartID, 0); complete {
			break
		}
		select {
		case <-changed:
			continue
		case <-arriving.Done():
		}
		break
	}
	if exit.State.ExitCode != 0 && !exit.State.OOMKilled {
		asking, cancel := context.WithTimeout(ctx, explaining)
		defer cancel()
		exit.Said = t.ErrorLine(asking, exit.State.StartID)
	}
}

// explaining is for how long a line that tells is looked into: why a program cannot be run
// is in its file, for which the engine is asked.
const explaining = 10 * time.Second

// timeUp is the error for the end of a context, for a wait that began then. It
// tells how long the wait was allowed to take.
func timeUp(ctx context.Context, last sight, began time.Time) error {
	why := context.Cause(ctx)
	if !errors.Is(why, context.DeadlineExceeded) {
		return why
	}
	return &timeoutError{after: timelimit.Given(ctx, began), last: last, err: why}
}

type timeoutError struct {
	after time.Duration
	last  sight
	err   error
}

func (e *timeoutError) Unwrap() error  { return e.err }
func (e *timeoutError) advice() string { return e.last.hint }

func (e *timeoutError) Error() string {
	text := fmt.Sprintf("not within %v", e.after)
	var bound interface{ Limit() string } // which knows who set it
	if errors.As(e.err, &bound) {
		text += " (" + bound.Limit() + ")"
	}
	if e.last.what != "" {
		text += "; last saw " + e.last.what
	}
	return text
}
