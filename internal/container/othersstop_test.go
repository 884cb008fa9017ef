// SPDX-License-Identifier: Apache-2.0

package container

import (
	"fmt"
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
)

// What somebody asked the engine for is no news where that is the user, and nothing else is.
func TestHeed(t *testing.T) {
	t.Parallel()
	event := func(action string, labels ...string) engine.Event {
		e := engine.Event{Action: action, Labels: map[string]string{}}
		for i := 0; i < len(labels); i += 2 {
			e.Labels[labels[i]] = labels[i+1]
		}
		return e
	}
	kill, die, start := func(signal string) engine.Event { return event("kill", "signal", signal) }, event("die", "exitCode", "1"), event("start")
	ails, heals := engine.Event{Action: "health_status", Health: "unhealthy"}, engine.Event{Action: "health_status", Health: "healthy"}
	for _, c := range []struct {
		about      string
		othersStop bool
		events     []engine.Event
		want       bool
	}{
		{"died", true, []engine.Event{die}, false},
		{"was stopped", true, []engine.Event{kill("15"), die, event("stop")}, true},
		{"was stopped by a signal of its own", true, []engine.Event{kill("28"), die, event("stop")}, true},
		{"was sent a signal, and died", true, []engine.Event{kill("1"), die}, false},
		{"was stopped, started again, and died", true, []engine.Event{kill("15"), die, event("stop"), start, die}, false},
		{"was ended by the swarm", true, []engine.Event{ails, kill("15"), die}, false},
		{"was well again, and stopped", true, []engine.Event{ails, heals, kill("15"), die}, true},
		{"was stopped by others than the test", false, []engine.Event{kill("15"), die, event("stop")}, false},
	} {
		one := &Container{othersStop: c.othersStop}
		for _, e := range c.events {
			listener{one}.happened(e)
		}
		if got := one.IsStopped(); got != c.want {
			t.Errorf("%s: IsStopped = %v, want %v", c.about, got, c.want)
		}
	}
}

// The time line tells what was asked to end from what ended by itself.
func TestTimeLineOfEnds(t *testing.T) {
	t.Parallel()
	kill := func(signal string) engine.Event {
		return engine.Event{Action: "kill", Labels: map[string]string{"signal": signal}}
	}
	die, start := engine.Event{Action: "die", Labels: map[string]string{"exitCode": "137"}}, engine.Event{Action: "start"}
	over := engine.Event{Action: "the test has ended"}
	const ended, stopped = "container web has ended with code 137", "container web was stopped, code 137"
	for about, c := range map[string]struct {
		events []engine.Event
		want   string
	}{
		"died":                                  {[]engine.Event{die}, ended},
		"died before the test ended":            {[]engine.Event{die, over}, ended},
		"was killed with the rest":              {[]engine.Event{over, kill("9"), die}, "container web was killed at the end of the test"},
		"was killed with the rest, and ailed":   {[]engine.Event{{Action: "health_status", Health: "unhealthy"}, over, kill("9"), die}, "container web was killed at the end of the test"},
		"was stopped with the rest":             {[]engine.Event{over, kill("15"), {Action: "die", Labels: map[string]string{"exitCode": "1"}}}, "container web was stopped at the end of the test, code 1"},
		"died while the rest was removed":       {[]engine.Event{over, die}, ended},
		"was stopped":                           {[]engine.Event{kill("15"), die}, stopped},
		"was told to read its files, and died":  {[]engine.Event{kill("1"), die}, ended},
		"was stopped, started again, and died":  {[]engine.Event{kill("15"), die, start, die}, ended},
		"was ended by the swarm, which it ails": {[]engine.Event{{Action: "health_status", Health: "unhealthy"}, kill("15"), die}, ended},
	} {
		last := ""
		isOver, asked := false, false
		one := &Container{Name: "web", tell: func(_ engine.Event, is bool) { asked = is }, note: func(format string, args ...any) { last = fmt.Sprintf(format, args...) }, over: func() bool { return isOver }}
		for _, e := range c.events {
			isOver = isOver || e.Action == over.Action
			listener{one}.happened(e)
		}
		if last != c.want {
			t.Errorf("%s: %q, want %q", about, last, c.want)
		}
		if want := c.want != ended; asked != want {
			t.Errorf("%s: those who listen hear that it was asked to end: %v, want %v", about, asked, want)
		}
	}
}
