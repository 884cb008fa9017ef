// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// HealthyCondition is the condition that [Healthy] makes.
type HealthyCondition struct{}

// Healthy is the condition that the container's own health check passes. An
// unhealthy container ends the wait, and so does one without a health check.
func Healthy() HealthyCondition { return HealthyCondition{} }

func (HealthyCondition) String() string { return "healthy" }
func (HealthyCondition) check() error   { return nil }

func (c HealthyCondition) goal() goal { return named("become", "becoming", c) }

func (HealthyCondition) until(ctx context.Context, t Target) error {
	return loop(ctx, t, healthyWatcher{})
}

type healthyWatcher struct{ told }

func (healthyWatcher) look(ctx context.Context, t Target, s State) (bool, sight, error) {
	switch {
	case s.Ended():
		return false, sight{}, &ExitError{State: s}
	case s.Health == "healthy":
		return true, sight{}, nil
	case s.Health == "unhealthy":
		return false, sight{}, &unhealthyError{probe(ctx, t, s)}
	case s.Health == "" && s.Status == "running":
		return false, sight{}, errors.New("it has no health check")
	}
	return false, sight{what: s.String() + probe(ctx, t, s)}, nil
}

// ExitCondition is the condition that [Exit] makes.
type ExitCondition struct{ Code int }

// Exit is the condition that the container has ended by itself, with this exit
// code, and that its log is complete. Another code ends the wait.
func Exit(code int) ExitCondition { return ExitCondition{code} }

func (c ExitCondition) String() string { return fmt.Sprintf("exit %d", c.Code) }

func (c ExitCondition) check() error {
	if c.Code < 0 || c.Code > 255 {
		return errors.New("exit codes are from 0 to 255")
	}
	return nil
}

func (c ExitCondition) goal() goal {
	code := fmt.Sprintf(" with code %d", c.Code)
	return goal{do: "exit" + code, doing: "exiting" + code, other: fmt.Sprintf(", not %d", c.Code)}
}

func (c ExitCondition) until(ctx context.Context, t Target) error {
	return loop(ctx, t, exitWatcher{code: c.Code})
}

type exitWatcher struct {
	told
	code int
}

func (w exitWatcher) look(_ context.Context, t Target, s State) (bool, sight, error) {
	if !s.Ended() {
		return false, sight{what: s.String()}, nil
	}
	if _, _, complete := t.Lines(s.StartID, 0); !complete {
		return false, sight{what: s.String()}, nil // whoever waited for the end may read the log now
	}
	if s.ExitCode == w.code && s.Error == "" {
		return true, sight{}, nil
	}
	return false, sight{}, &ExitError{State: s}
}

// ReadyCondition is the condition that [Ready] makes.
type ReadyCondition struct {
	// AtOnce is for a container of which another condition says when it can be
	// used: one without a health check need not have run for a while.
	AtOnce bool
}

// Ready is the condition that a service of a project fulfils when it is up: it
// is healthy if it has a health check; if it has none, it has run for half a second
// since its start, and for longer where the machine is slow; or it did its
// work and ended with exit code 0. One that the engine had to start again must then
// run for two seconds.
func Ready() ReadyCondition { return ReadyCondition{} }

func (ReadyCondition) String() string { return "ready" }
func (ReadyCondition) check() error   { return nil }

func (c ReadyCondition) goal() goal { return named("become", "becoming", c) }

func (c ReadyCondition) until(ctx context.Context, t Target) error {
	return loop(ctx, t, &readyWatcher{ReadyCondition: c})
}

type readyWatcher struct {
	told
	ReadyCondition
	life  string        // that runs
	since time.Time     // when it began, or its program was last seen not to have
	delay time.Duration // of the engine's answers
	rest  time.Duration // how much longer it must run

	stall  Stall         // of the container's processes, as last seen
	looked time.Time     // when that was
	onDisk time.Duration // for how long they have waited for the disk
}

const (
	// What dies at its start does so within this time: it has no licence, or cannot
	// read its configuration.
	lasting = 500 * time.Millisecond
	// One that was started again must show more.
	steady = 2 * time.Second
	// Where the engine takes long to answer, programs take long to get to where they
	// end, and the engine to hear of it: so many times its delay are added, and what
	// the container's processes have waited for a processor; up to steady. What they
	// have waited for the disk is added, too: up to more, as a program whose own pages
	// come from a slow one does nothing else, but not forever, as others write and write.
	delays   = 4
	mostDisk = 10 * time.Second
	// Whether they wait for the disk is seen only while they do.
	glances = 50 * time.Millisecond
)

func (w *readyWatcher) due() time.Duration {
	if w.stall.Seen {
		return min(w.rest, glances)
	}
	return w.rest
}

func (w *readyWatcher) look(ctx context.Context, t Target, s State) (bool, sight, error) {
	w.rest = 0
	switch {
	case s.Ended() && s.ExitCode == 0 && s.Error == "":
		return true, sight{}, nil
	case s.Ended():
		return false, sight{}, &ExitError{State: s}
	case s.Health != "" && s.Status == "running":
		return healthyWatcher{}.look(ctx, t, s)
	case s.Status == "restarting":
		now := sight{what: s.String()}
		if line := t.ErrorLine(ctx, ""); line != "" {
			now.what += ": " + line
		}
		return false, now, nil
	case s.Status != "running":
		return false, sight{what: s.String()}, nil
	case s.Restarts == 0 && w.AtOnce:
		return true, sight{}, nil
	}
	return w.lasts(ctx, t, s)
}

// lasts looks whether a container that runs has done so for long enough. At the end
// of that time the engine is asked anew: the event of a program's end comes when all
// is cleared up after it, and who asks waits for that.
func (w *readyWatcher) lasts(ctx context.Context, t Target, s State) (bool, sight, error) {
	if w.life != s.StartID {
		w.life, w.since, w.onDisk = s.StartID, s.Since, 0
		if w.since.IsZero() {
			w.since = time.Now()
		}
		w.looked = w.since
	}
	w.noteStall(ctx, t)
	now := saw("running, for %v only", time.Since(w.since).Round(time.Millisecond))
	switch {
	case w.stall.Unbegun:
		now = saw("running, but its program has not started")
	case s.Restarts > 0:
		now = saw("running, after %d restarts", s.Restarts)
	}
	if w.rest = w.missing(s); w.rest > 0 {
		return false, now, nil
	}
	asked := time.Now()
	fresh, err := t.Fresh(ctx)
	if err != nil {
		return false, sight{}, err
	}
	w.delay = max(w.delay, time.Since(asked))
	if fresh.StartID != s.StartID || fresh.Status != "running" {
		return w.look(ctx, t, fresh)
	}
	w.noteStall(ctx, t)
	w.rest = w.missing(fresh)
	return w.rest <= 0, now, nil
}

// noteStall takes note of what keeps the container's processes from their work. A program
// that has not begun has run for no time, whatever the engine says. One that waits for
// the disk is taken to have done so since the last look.
func (w *readyWatcher) noteStall(ctx context.Context, t Target) {
	w.stall = t.Stalled(ctx)
	now := time.Now()
	switch {
	case w.stall.Unbegun:
		w.since, w.onDisk = now, 0
	case w.stall.OnDisk:
		w.onDisk += now.Sub(w.looked)
	}
	w.looked = now
}

// missing returns how much longer a container must run.
func (w *readyWatcher) missing(s State) time.Duration {
	hold := lasting
	if s.Restarts > 0 {
		hold = steady
	}
	return hold + min(delays*w.delay+w.stall.Waited, steady) + min(w.onDisk, mostDisk) - time.Since(w.since)
}
