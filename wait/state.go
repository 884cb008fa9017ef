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

// Exit is the condition that the container has ended by itself with this exit code,
// and that its log is complete. Any other code ends the wait.
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
		return false, sight{what: s.String()}, nil // the test may read the log now
	}
	if s.ExitCode == w.code && s.Error == "" {
		return true, sight{}, nil
	}
	return false, sight{}, &ExitError{State: s}
}

// ReadyCondition is the condition that [Ready] makes.
type ReadyCondition struct {
	// AtOnce drops the half second that a container without a health check must have
	// run, because another condition says whether it is ready.
	AtOnce bool
}

// Ready is the condition that the container is up: healthy, if it has a health
// check; otherwise it has run for half a second since its start, longer on a slow
// machine, or has done its work and ended with exit code 0. A container that the
// engine had to restart must run for two seconds.
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
	life  string        // the present one
	since time.Time     // when it began, or when its program was last seen not to have begun
	delay time.Duration // of the engine's answers
	rest  time.Duration // the time that it still must run

	stall  Stall         // of the container's processes, as last seen
	looked time.Time     // when it was seen
	onDisk time.Duration // how long they have waited for the disk
}

const (
	// A program that dies at its start, for want of a licence or a readable
	// configuration, does so within this time.
	lasting = 500 * time.Millisecond
	// A restarted container must last longer.
	steady = 2 * time.Second
	// If the engine answers slowly, programs also take longer to fail, and the
	// engine to notice. So this multiple of its delay is added, and the time that
	// the container's processes have waited for a processor, up to steady. Their
	// time waiting for the disk is added, too. Its limit is higher, as a program
	// whose own pages come from a slow disk does nothing else, but there is one, as
	// other programs wait for the disk all the time.
	delays   = 4
	mostDisk = 10 * time.Second
	// Processes are looked at this often, as waiting for the disk is seen only while it
	// lasts.
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

// lasts reports whether a running container has run for long enough. At the end of
// that time it asks the engine again: the event for a program's end comes only after
// its clean-up, for which the answer waits.
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

// noteStall records what holds up the container's processes. A program that has not
// begun has run for no time, whatever the engine says. One that waits for the disk
// is taken to have waited since the last look.
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
