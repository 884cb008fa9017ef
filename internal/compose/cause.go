// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/planned"
	"github.com/seatrial/seatrial/internal/quote"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/said"
	"github.com/seatrial/seatrial/internal/setting"
	"github.com/seatrial/seatrial/internal/startorder"
	"github.com/seatrial/seatrial/tailor"
	"github.com/seatrial/seatrial/wait"
)

// startCutOffError says that time was up before all services were started.
type startCutOffError struct {
	within time.Duration
	by     string // who set the limit, in words that follow it
	err    error  // of the context
}

func (e *startCutOffError) Unwrap() error { return e.err }
func (e *startCutOffError) SaysLimit()    {}

func (e *startCutOffError) Error() string {
	if errors.Is(e.err, context.DeadlineExceeded) {
		return fmt.Sprintf("the services were not all started within %v%s", e.within, e.by)
	}
	return fmt.Sprintf("starting the services was ended: %v", e.err)
}

// findCause finds the service for which a start failed, if there is one.
func findCause(ctx context.Context, cs *containers, plan *tailor.Plan, err error) error {
	var cutOff *engine.CutOffError
	var startCutOff *startCutOffError
	if errors.As(err, &cutOff) || errors.As(err, &startCutOff) {
		return late(cs, err)
	}
	var command *engine.CommandError
	var unmet *startorder.UnmetError
	if !errors.As(err, &command) && !errors.As(err, &unmet) {
		return err
	}
	_ = cs.refresh(ctx) // if that fails, the containers already known will do
	all := cs.lasting()
	states := fresh(ctx, all)
	why := firstFailed(ctx, all, states)
	for i := 0; why == nil && i < len(all); i++ {
		why = located(plan, all[i].Labels[engine.ComposeService], all[i].Unstarted(ctx, states[i]))
	}
	if why == nil {
		why = looping(ctx, all, states)
	}
	if why != nil {
		return fmt.Errorf("%w\n    %w", why, err)
	}
	if command == nil {
		return err
	}
	err = fmt.Errorf("%s%w", refusedService(cs.project, plan, command), err)
	return fmt.Errorf("%w%s%s", err, quote.Lines(command.Stderr[max(0, len(command.Stderr)-12):]), planned.Warnings(plan, cs.session.OfCommand))
}

// refusedService names the service of which the engine refused to create a container, with
// its place, as the beginning of a message; empty if it is not known which one that is.
func refusedService(project string, plan *tailor.Plan, command *engine.CommandError) string {
	if command.ExitCode < 0 { // it was killed, and refused nothing
		return ""
	}
	var names []string
	for _, container := range said.Uncreated(command.Stderr) {
		names = append(names, said.ServiceOf(container, project))
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) != 1 {
		return ""
	}
	if at, ok := setting.In(refusal(command.Stderr), plan.Settings(names[0])); ok {
		return fmt.Sprintf("%s:%d service %s: %s: ", at.File, at.Line, names[0], at.Name())
	}
	i := slices.IndexFunc(plan.Services, func(s tailor.Service) bool { return s.Name == names[0] })
	switch {
	case i < 0:
		return ""
	case plan.Services[i].At.File == "":
		return "service " + names[0] + ": "
	}
	return fmt.Sprintf("%s:%d service %s: ", plan.Services[i].At.File, plan.Services[i].At.Line, names[0])
}

// refusal returns why docker compose could not create a container, in the engine's own words or
// in its own.
func refusal(stderr []string) string {
	for _, line := range slices.Backward(stderr) {
		if _, words, ok := strings.Cut(line, "Error response from daemon: "); ok {
			return words
		}
	}
	if len(stderr) == 0 {
		return ""
	}
	return stderr[len(stderr)-1]
}

// located says in which line of the files the setting is for which the engine did not start a
// container of a service, if that can be told.
func located(plan *tailor.Plan, service string, err error) error {
	if err == nil {
		return nil
	}
	text, below, more := strings.Cut(err.Error(), "\n")
	name, words, _ := strings.Cut(text, container.NotStarted)
	if m, why := unmountable(plan, service, words); why != "" {
		text = fmt.Sprintf("%s%s%s (%s:%d)\n    the engine: %s", name, container.NotStarted, why, m.File, m.Line, words)
		if more {
			text += "\n" + below
		}
		return report.Reworded(text, err)
	}
	at, ok := setting.In(words, plan.Settings(service))
	if !ok {
		return err
	}
	text += fmt.Sprintf(" (%s, %s:%d)", at.Name(), at.File, at.Line)
	if more {
		text += "\n" + below
	}
	return report.Reworded(text, err)
}

// lastSoFar shows the end of the log of a container that may go on: what it has printed comes
// a moment late, and on a busy machine more than that.
func lastSoFar(ctx context.Context, c *container.Container) string {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	for {
		changed := c.Follower.Changed()
		if _, total := c.Follower.Tail(1); total > 0 {
			return c.Log().Last()
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return "\n    no line of the log of " + c.Name + " has come so far"
		}
	}
}

// late says which services were not ready when time was up.
func late(cs *containers, err error) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	var states []string
	last := ""
	for _, c := range cs.lasting() {
		state, failed := c.Follower.State(ctx)
		s := wait.State(state)
		if failed != nil || s.Ended() && s.ExitCode == 0 || s.Status == "running" && (s.Health == "" || s.Health == "healthy") {
			continue
		}
		states = append(states, c.Name+" is "+s.String())
		if s.Status != "created" && last == "" {
			last = lastSoFar(ctx, c)
		}
	}
	if len(states) == 0 {
		return err
	}
	return fmt.Errorf("%w; %s%s", err, strings.Join(states, "; "), last)
}
