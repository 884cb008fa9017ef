// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
)

// looks are what the engine said of a container when it was last asked.
type looks struct {
	inspect func(context.Context) (container.InspectResponse, error)
	asking  chan struct{} // holds one while the engine is asked

	mu      sync.Mutex
	asked   time.Time // when the engine was; zero if something has happened since
	started time.Time // when the last start was heard of; zero if its end was, too, or it may have been missed
	state   State
	source  logSource
	pid     int   // of the first process, as the engine's machine numbers it
	ports   []int // TCP ports of the container that it publishes
	named   []int // TCP ports on which it is said to listen
	ways    ways  // that lead to it
}

func newLooks(inspect func(context.Context) (container.InspectResponse, error)) looks {
	return looks{inspect: inspect, asking: make(chan struct{}, 1)}
}

// A state is believed for this long, in case an event was lost.
const stateTTL = time.Second

// heardOf notes when the container was started. It is our clock that counts, which
// may be another than the engine's, and does not jump.
func (l *looks) heardOf(e Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch e.Action {
	case "start":
		l.started = time.Now()
	case "die", "":
		l.started = time.Time{}
	}
}

// heardOfStart reports whether an event told of the container's last start.
func (l *looks) heardOfStart() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.started.IsZero()
}

// Fresh is State, asked for now: an event may be on its way.
func (l *looks) Fresh(ctx context.Context) (State, error) {
	l.forget()
	return l.State(ctx)
}

// forget has the engine asked by who looks next.
func (l *looks) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = time.Time{}
}

// Known returns the container's state without asking the engine, unless something has
// happened to the container since the engine was last asked.
func (l *looks) Known(ctx context.Context) (State, error) {
	s, _, err := l.known(ctx)
	return s, err
}

// known is look, but for how old an answer may be. While somebody asks, it waits for that answer:
// the one before may be about what has happened since.
func (l *looks) known(ctx context.Context) (State, logSource, error) {
	l.mu.Lock()
	state, source, asked := l.state, l.source, l.asked
	l.mu.Unlock()
	if asked.IsZero() || len(l.asking) > 0 {
		return l.look(ctx)
	}
	return state, source, nil
}

// State returns the container's state.
func (l *looks) State(ctx context.Context) (State, error) {
	s, _, err := l.look(ctx)
	return s, err
}

// look returns how the container is. Whoever asks while another does, waits for the
// same answer.
func (l *looks) look(ctx context.Context) (State, logSource, error) {
	select {
	case l.asking <- struct{}{}:
		defer func() { <-l.asking }()
	case <-ctx.Done():
		return State{}, logSource{}, context.Cause(ctx)
	}
	l.mu.Lock()
	if time.Since(l.asked) < stateTTL {
		defer l.mu.Unlock()
		return l.state, l.source, nil
	}
	now := time.Now()
	l.asked = now // an event during the call makes it old again
	l.mu.Unlock()

	c, err := l.inspect(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.asked = time.Time{}
		return State{}, logSource{}, err
	}
	s, source := StateOf(c), sourceOf(c)
	s.Since = l.since(s.StartID)
	if l.asked.Equal(now) {
		l.state, l.source, l.pid, l.ports, l.named, l.ways = s, source, c.State.Pid, publishedTCP(c), namedTCP(c), waysTo(c)
	}
	return s, source, nil
}

// A logSource is what the reading of a container's log goes by.
type logSource struct {
	started, finished string // as the engine writes them
	running, tty      bool
	log               container.LogConfig
}

func sourceOf(c container.InspectResponse) logSource {
	s := logSource{started: c.State.StartedAt, finished: c.State.FinishedAt, running: c.State.Running, tty: c.Config.Tty}
	if c.HostConfig != nil {
		s.log = c.HostConfig.LogConfig
	}
	return s
}

// since returns when a life began, or, if nobody told, when it was first seen. The
// caller has the lock.
func (l *looks) since(life string) time.Time {
	switch {
	case life == l.state.StartID && !l.state.Since.IsZero():
		return l.state.Since
	case !l.started.IsZero():
		return l.started
	}
	return time.Now()
}

// Published returns the TCP ports of the container that it is to publish, as the
// state had them that was last asked for.
func (l *looks) Published() []int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ports
}

func publishedTCP(c container.InspectResponse) []int {
	var all []int
	if c.HostConfig == nil {
		return nil
	}
	for port := range c.HostConfig.PortBindings {
		if port.Proto() == network.TCP {
			all = append(all, int(port.Num()))
		}
	}
	slices.Sort(all)
	return all
}

// State is what the engine says about a container. Package wait has the same
// type, and explains it.
type State struct {
	Status       string
	StartID      string
	Since        time.Time
	ExitCode     int
	Restarts     int
	OOMKilled    bool
	Error        string
	Health       string
	HealthCheck  string
	HealthOutput string
	FirstProbe   time.Duration
}

// standardInterval is how often an engine probes where nobody says how often.
const standardInterval = 30 * time.Second

// firstProbe is how long after the start a health check runs first. With a start period that
// has no interval of its own it depends on the engine's version, and is not known.
func firstProbe(h *container.HealthConfig) time.Duration {
	switch {
	case h == nil:
		return 0
	case h.StartPeriod > 0:
		return h.StartInterval
	}
	return cmp.Or(h.Interval, standardInterval)
}

// StateOf returns the state of a container that was inspected.
func StateOf(c container.InspectResponse) State {
	s := State{
		Status:    string(c.State.Status),
		StartID:   c.State.StartedAt,
		ExitCode:  c.State.ExitCode,
		Restarts:  c.RestartCount,
		OOMKilled: c.State.OOMKilled,
		Error:     c.State.Error,
	}
	if h := c.State.Health; h != nil && h.Status != container.NoHealthcheck {
		s.Health = string(h.Status)
		if c.Config != nil && c.Config.Healthcheck != nil && len(c.Config.Healthcheck.Test) > 1 {
			s.HealthCheck = "CMD " + strings.Join(c.Config.Healthcheck.Test[1:], " ")
		}
		if n := len(h.Log); n > 0 {
			s.HealthOutput = h.Log[n-1].Output
		} else if c.Config != nil {
			s.FirstProbe = firstProbe(c.Config.Healthcheck)
		}
	}
	return s
}
