// SPDX-License-Identifier: Apache-2.0

package container

import (
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
