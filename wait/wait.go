// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Condition is something that can be waited for. Its String is what messages
// call it: `log "ready"`, `exit 0`.
//
// The conditions are those of this package: [Log], [HTTP], [Healthy], [Exit],
// [Ready].
type Condition interface {
	fmt.Stringer

	// watch begins one wait. What a wait learns on its way (how much of the
	// log it has read) is kept in the watcher, never in the condition.
	watch() (watcher, error)
}

// A watcher looks whether a condition holds.
type watcher interface {
	// look is called once at the beginning and after every change. It answers
	// whether the condition holds; if not, what was seen instead, in words
	// that can follow "last saw"; and an error if it can no longer come to hold.
	look(ctx context.Context, t Target, s State) (ok bool, saw string, err error)

	// asks says whether a look can answer differently though nothing on the
	// engine changed, so that looking again and again is needed.
	asks() bool
}

// Intervals between looks.
const (
	soonest = 10 * time.Millisecond
	latest  = 25 * time.Millisecond // for conditions that must ask
	idle    = time.Second           // for the others: only in case an event was lost
)

// Until waits until c holds for t. The error is an [*Error] unless c itself is
// malformed. The bound is ctx's.
func Until(ctx context.Context, t Target, c Condition) error {
	if c == nil {
		return fmt.Errorf("waiting for %s: the condition is nil", t.Name())
	}
	w, err := c.watch()
	if err != nil {
		return fmt.Errorf("waiting for %v: %w", c, err)
	}
	began, saw := time.Now(), ""
	pause := idle
	if w.asks() {
		pause = soonest
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		changed := t.Changed() // before looking, so that nothing falls in between
		s, err := t.State(ctx)
		if err == nil {
			var ok bool
			var now string
			if ok, now, err = w.look(ctx, t, s); ok {
				return nil
			}
			if now != "" && ctx.Err() == nil { // a look cut short by the end of time saw nothing
				saw = now
			}
		}
		if ctx.Err() != nil {
			return timeUp(ctx, t, c, saw, time.Since(began))
		}
		if err != nil {
			lastWords(ctx, t, err)
			return newError(t, c, err)
		}
		timer.Reset(pause)
		select {
		case <-changed:
		case <-timer.C:
			if w.asks() {
				pause = min(pause+pause/10, latest)
			}
		case <-ctx.Done():
			return timeUp(ctx, t, c, saw, time.Since(began))
		}
	}
}

// An Error says why a wait ended though its condition does not hold. Its text
// tells the reason in the first line, then the last lines of the target's log.
type Error struct {
	Condition string   // what was waited for
	Target    string   // on what
	Cause     error    // why it ended: what happened instead, or the end of time and what was last seen
	Tail      []string // the last lines of the target's log
	Lines     int      // how many lines there are altogether
}

func (e *Error) Unwrap() error { return e.Cause }

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "waiting for %s of %s: %v", e.Condition, e.Target, e.Cause)
	if e.Lines == 0 {
		fmt.Fprintf(&b, "\n    %s logged nothing", e.Target)
		return b.String()
	}
	fmt.Fprintf(&b, "\n    last lines of %s (%d of %d):", e.Target, len(e.Tail), e.Lines)
	for _, line := range e.Tail {
		b.WriteString("\n    | " + line)
	}
	return b.String()
}

// An ExitError is the cause of an [*Error] when the container ended.
type ExitError struct{ State State }

func (e *ExitError) Error() string { return e.State.String() }

// lastWords gives the log of an ended container a moment to arrive: the engine
// may say that it ended before it has handed out all that it printed.
func lastWords(ctx context.Context, t Target, cause error) {
	var exit *ExitError
	if !errors.As(cause, &exit) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for {
		changed := t.Changed()
		if _, _, complete := t.Lines(exit.State.Life, 0); complete {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

const tailLines = 12

func newError(t Target, c Condition, cause error) *Error {
	tail, total := t.Tail(tailLines)
	return &Error{Condition: c.String(), Target: t.Name(), Cause: cause, Tail: tail, Lines: total}
}

func timeUp(ctx context.Context, t Target, c Condition, saw string, took time.Duration) *Error {
	why := context.Cause(ctx)
	if errors.Is(why, context.DeadlineExceeded) {
		why = &timeoutError{after: took, saw: saw, err: why}
	}
	return newError(t, c, why)
}

type timeoutError struct {
	after time.Duration
	saw   string
	err   error
}

func (e *timeoutError) Unwrap() error { return e.err }

func (e *timeoutError) Error() string {
	after := e.after.Round(time.Millisecond)
	if e.after > 10*time.Second {
		after = e.after.Round(time.Second)
	}
	if e.saw == "" {
		return fmt.Sprintf("not within %v", after)
	}
	return fmt.Sprintf("not within %v; last saw %s", after, e.saw)
}
