// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A Condition is something that can be waited for. Its String is what messages
// call it: `log "ready"`, `exit 0`.
//
// The conditions are those of this package. [Func] makes one of a function.
type Condition interface {
	fmt.Stringer

	// check says what is wrong with the condition itself.
	check() error

	// goal is what the target must do for it.
	goal() goal

	// until waits until it holds. It may be called many times at once: what a
	// wait learns on its way is kept elsewhere. An error that wraps ctx's cause
	// is a [*timeoutError], or the cause itself if it is no deadline.
	until(ctx context.Context, t Target) error
}

// Check reports what is wrong with a condition itself: that it is nil, a pattern
// that does not compile, a port that there cannot be. The verbs of package
// seatrial call it before they make anything.
func Check(c Condition) error {
	if c == nil {
		return errors.New("the condition is nil")
	}
	if err := c.check(); err != nil {
		return fmt.Errorf("%v: %w", c, err)
	}
	return nil
}

// Until waits until c holds for t. The error is an [*Error] unless c itself is
// malformed. The bound is ctx's.
func Until(ctx context.Context, t Target, c Condition) error {
	if c == nil {
		return fmt.Errorf("waiting for %s: the condition is nil", t.Name())
	}
	if err := Check(c); err != nil {
		return fmt.Errorf("waiting for %w", err)
	}
	err := c.until(ctx, t)
	if err == nil {
		return nil
	}
	return newError(t, c, err)
}

// A sight is what a look saw instead of a condition that holds.
type sight struct {
	what string // in words that can follow "last saw"
	hint string // what may help, or nothing
}

func (s sight) String() string { return s.what }

// saw is a sight without a hint.
func saw(format string, args ...any) sight { return sight{what: fmt.Sprintf(format, args...)} }

// A watcher looks whether a condition holds. There is one for each wait, and it
// keeps what the wait learns on its way.
type watcher interface {
	// look is called once at the beginning and after every change. It answers
	// whether the condition holds; if not, what was seen instead; and an error
	// if it can no longer come to hold.
	look(ctx context.Context, t Target, s State) (ok bool, now sight, err error)

	// pause is how long to wait for a change before looking again, at first and
	// at most. It is [told] unless a look can answer differently though nothing
	// on the engine changed.
	pause() (first, most time.Duration)
}

// A dated watcher may know, after a look, when it must look again though nothing
// has changed; 0 if it does not.
type dated interface{ due() time.Duration }

// told is embedded in watchers that the engine tells of every change. They look
// again by themselves only in case it was lost.
type told struct{}

func (told) pause() (first, most time.Duration) { return time.Second, time.Second }

// asks is embedded in watchers that must look again and again.
type asks struct{}

func (asks) pause() (first, most time.Duration) { return 10 * time.Millisecond, latest }
func (asks) asking()                            {}

const latest = 20 * time.Millisecond

// A look that takes long is followed by a pause half as long, up to this: whoever
// asks must not keep the machine busy with his questions. Nor must he fill the log of whom he
// asks: while the answer stays the same, a pause is a part of the time that it has done so.
const (
	longest   = 250 * time.Millisecond
	sameParts = 40
)

// loop is the one waiting loop.
func loop(ctx context.Context, t Target, w watcher) error {
	began, last := time.Now(), sight{}
	same, answer := began, ""
	var again crashes
	pause, most := w.pause()
	timer := time.NewTimer(pause)
	defer timer.Stop()
	for {
		changed := t.Changed() // before looking, so that nothing falls in between
		looked := time.Now()
		s, err := t.State(ctx)
		if err == nil {
			var ok bool
			var now sight
			if ok, now, err = w.look(ctx, t, s); ok {
				return nil
			}
			if err == nil {
				now, err = again.look(ctx, t, s, now)
			}
			if now.what != answer {
				same, answer = looked, now.what
			}
			if now.what != "" && (!isOver(ctx) || last.what == "") { // what was cut short by the end of time counts less
				last = now
			}
		}
		if isOver(ctx) {
			<-ctx.Done()
			return timeUp(ctx, last, began)
		}
		if err != nil {
			lastWords(ctx, t, err)
			return err
		}
		next := max(pause, min(time.Since(looked)/2, longest))
		if _, asking := w.(interface{ asking() }); asking {
			next = max(next, min(time.Since(same)/sameParts, longest))
		}
		if w, ok := w.(dated); ok && w.due() > 0 {
			next = min(next, w.due())
		}
		timer.Reset(next)
		select {
		case <-changed:
		case <-timer.C:
			pause = min(pause+pause/10, most)
		case <-ctx.Done():
			return timeUp(ctx, last, began)
		}
	}
}

// isOver reports whether a context has ended, or is about to: connections have
// timers of their own for its deadline, which may be the first to ring.
func isOver(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(end)
}

// over returns why a server that is asked will never answer, if that is so.
func over(ctx context.Context, t Target, s State) error {
	switch {
	case s.Ended():
		return &ExitError{State: s}
	case s.Health == "unhealthy":
		return &unhealthyError{probe(ctx, t, s)}
	}
	return nil
}

// A patience tells what may pass from what stays: an observation that could be
// the last word ends a wait only once it was made for half a second on end.
type patience struct {
	what  string
	since time.Time
}

const enough = 500 * time.Millisecond

// out reports whether it is at an end. An empty observation is none.
func (p *patience) out(what string) bool {
	if what != p.what || what == "" {
		p.what, p.since = what, time.Now()
	}
	return what != "" && time.Since(p.since) >= enough
}
