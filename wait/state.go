// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// HealthyCondition is the condition that [Healthy] makes.
type HealthyCondition struct{}

// Healthy is the condition that the container's own health check passes. An
// unhealthy container ends the wait, and so does one without a health check.
func Healthy() HealthyCondition { return HealthyCondition{} }

func (HealthyCondition) String() string { return "healthy" }
func (HealthyCondition) check() error   { return nil }

func (HealthyCondition) until(ctx context.Context, t Target) error {
	return loop(ctx, t, healthyWatcher{})
}

type healthyWatcher struct{ told }

func (healthyWatcher) look(_ context.Context, _ Target, s State) (bool, sight, error) {
	switch {
	case s.Ended():
		return false, sight{}, &ExitError{State: s}
	case s.Health == "healthy":
		return true, sight{}, nil
	case s.Health == "unhealthy":
		return false, sight{}, errors.New("unhealthy" + probe(s))
	case s.Health == "" && s.Status == "running":
		return false, sight{}, errors.New("has no health check")
	}
	return false, sight{what: s.String() + probe(s)}, nil
}

func probe(s State) string {
	if out := strings.TrimSpace(s.HealthOutput); out != "" {
		return fmt.Sprintf(", the last probe printed %q", out)
	}
	return ""
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
	if _, _, complete := t.Lines(s.Life, 0); !complete {
		return false, sight{what: s.String()}, nil // whoever waited for the end may read the log now
	}
	if s.ExitCode == w.code && s.Error == "" {
		return true, sight{}, nil
	}
	return false, sight{}, &ExitError{State: s}
}

// ReadyCondition is the condition that [Ready] makes.
type ReadyCondition struct{}

// Ready is the condition that a service of a project fulfils when it is up: it
// is healthy if it has a health check, it runs if it has none, or it did its
// work and ended with exit code 0. One that the engine had to start again must
// then run for two seconds; after ten times the wait ends.
func Ready() ReadyCondition { return ReadyCondition{} }

func (ReadyCondition) String() string { return "ready" }
func (ReadyCondition) check() error   { return nil }

func (ReadyCondition) until(ctx context.Context, t Target) error {
	return loop(ctx, t, &readyWatcher{})
}

type readyWatcher struct {
	told
	life string    // that runs
	seen time.Time // when that was seen first
}

const (
	steady     = 2 * time.Second
	crashLoops = 10 // with Docker's pauses between restarts, that is more than a minute and a half
)

// crashLoop tells what the container says before it ends, again and again. Which
// of its lives has said it does not matter.
func crashLoop(t Target, s State) error {
	return fmt.Errorf("restarted %d times, exits with code %d%s", s.Restarts, s.ExitCode, saidLast(t))
}

func saidLast(t Target) string {
	lines, _ := t.Tail(tellingLines)
	if line := Telling(lines); line != "" {
		return ": " + line
	}
	return ""
}

func (w *readyWatcher) look(ctx context.Context, t Target, s State) (bool, sight, error) {
	switch {
	case s.Ended() && s.ExitCode == 0 && s.Error == "":
		return true, sight{}, nil
	case s.Ended():
		return false, sight{}, &ExitError{State: s}
	case s.Restarts >= crashLoops && s.Health != "healthy":
		return false, sight{}, crashLoop(t, s)
	case s.Health != "" && s.Status == "running":
		return healthyWatcher{}.look(ctx, t, s)
	case s.Status == "restarting":
		return false, sight{what: s.String() + saidLast(t)}, nil
	case s.Status != "running":
		return false, sight{what: s.String()}, nil
	case s.Restarts == 0:
		return true, sight{}, nil
	}
	if w.life != s.Life {
		w.life, w.seen = s.Life, time.Now()
	}
	return time.Since(w.seen) >= steady, saw("running, after %d restarts", s.Restarts), nil
}
