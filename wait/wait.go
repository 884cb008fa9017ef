// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// A Condition is something that can be waited for. Its String is its name in
// messages: `log "ready"`, `exit 0`.
//
// All conditions come from this package; [Func] makes one from a function.
type Condition interface {
	fmt.Stringer

	// check returns an error if the condition is malformed.
	check() error

	// goal says what the target must do to fulfil the condition.
	goal() goal

	// until waits until the condition holds. It may be called concurrently: the
	// state of a wait is kept elsewhere. An error that wraps ctx's cause is a
	// [*timeoutError], or the cause itself if that is not a deadline.
	until(ctx context.Context, t Target) error
}

// Check returns an error if a condition is malformed: nil, with a pattern that does
// not compile, or with a port that cannot exist. The verbs of package seatrial call
// it before they make anything.
func Check(c Condition) error {
	if c == nil {
		return errors.New("the condition is nil")
	}
	if err := c.check(); err != nil {
		return fmt.Errorf("%v: %w", c, err)
	}
	return nil
}

// checkInner is Check for a condition that stands in another one of the same name, which is in
// the message already.
func checkInner(c Condition) error {
	if c == nil {
		return errors.New("the condition is nil")
	}
	return c.check()
}

// Until waits until c holds for t, or ctx ends. The error is an [*Error] unless c
// is malformed.
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

// A sight is what was seen when a condition did not hold.
type sight struct {
	what string // in words that can follow "last saw"
	hint string // advice, or nothing

	deaf bool // nothing listens on the port
}

func (s sight) String() string { return s.what }

// saw returns a sight without a hint.
func saw(format string, args ...any) sight { return sight{what: fmt.Sprintf(format, args...)} }

// of is what was seen of a target when time was up. If nothing listens on a port, it may be the
// network of the target that is another than is thought.
func (s sight) of(ctx context.Context, t Target) sight {
	if !s.deaf {
		return s
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	s.hint = cmp.Or(t.Stranded(ctx), s.hint)
	return s
}

// A watcher checks whether a condition holds. Each wait has its own, which keeps
// the state of the wait.
type watcher interface {
	// look is called at the beginning and after every change. It returns whether
	// the condition holds; if not, what was seen instead; and an error if it can no
	// longer hold.
	look(ctx context.Context, t Target, s State) (ok bool, now sight, err error)

	// pause is how long to wait for a change before the next look, at first and at
	// most. Watchers embed [told], unless a look may have another result although
	// nothing on the engine has changed.
	pause() (first, most time.Duration)
}

// A dated watcher may know, after a look, how soon it must look again even if
// nothing changes; 0 means that it does not.
type dated interface{ due() time.Duration }

// told is embedded in watchers for which every change is an event of the engine.
// They look again by themselves only in case an event was lost.
type told struct{}

func (told) pause() (first, most time.Duration) { return time.Second, time.Second }

// asks is embedded in watchers that must poll.
type asks struct{}

func (asks) pause() (first, most time.Duration) { return 10 * time.Millisecond, latest }
func (asks) asking()                            {}

const latest = 20 * time.Millisecond

// A pause is half as long as the look before it, up to this limit, so that polling
// does not keep the machine busy. Nor must it fill the log of the server: while the
// answer stays the same, pauses grow in proportion to the time that it has done so.
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
			if now.what != "" && (!isOver(ctx) || last.what == "") { // a look that the deadline cut short counts less
				last = now
			}
		}
		if isOver(ctx) {
			<-ctx.Done()
			return timeUp(ctx, last.of(ctx, t), began)
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
			return timeUp(ctx, last.of(ctx, t), began)
		}
	}
}

// isOver reports whether a context has ended, or is about to: connections have
// their own timers for its deadline, which may fire first.
func isOver(ctx context.Context) bool {
	end, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(end)
}

// over returns an error if the server will never answer, because the container has
// ended or is unhealthy.
func over(ctx context.Context, t Target, s State) error {
	switch {
	case s.Ended():
		return &ExitError{State: s}
	case s.Health == "unhealthy":
		return &unhealthyError{probe(ctx, t, s)}
	}
	return nil
}

// A debounce tells lasting observations from passing ones: one that would end a
// wait must be made for half a second without interruption.
type debounce struct {
	what  string
	since time.Time
}

const enough = 500 * time.Millisecond

// lasted reports whether the observation has lasted long enough. An empty one
// resets it.
func (d *debounce) lasted(what string) bool {
	if what != d.what || what == "" {
		d.what, d.since = what, time.Now()
	}
	return what != "" && time.Since(d.since) >= enough
}
