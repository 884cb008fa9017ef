// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
)

// A Follower knows a container: its state, as the engine's events tell it, and
// its log, from the first byte to the last, across restarts.
type Follower struct {
	engine *Engine
	id     string
	out    io.Writer
	err    io.Writer
	lacks  func(what string) // called when something that it prints may be missing, once for each reason

	kick   chan struct{} // something happened; holds one
	asking chan struct{} // holds one while the engine is asked for the state
	cancel context.CancelFunc
	done   chan struct{}
	leave  func()

	mu      sync.Mutex
	changed chan struct{}
	state   State
	source  logSource
	pid     int       // of the first process, as the engine's machine numbers it
	ports   []int     // TCP ports of the container that it publishes
	named   []int     // TCP ports on which it is said to listen
	ways    ways      // that lead to it
	started time.Time // when the last start was heard of; zero if its end was, too, or it may have been missed
	asked   time.Time // when the state was asked for; zero if it is known to be old
	heard   time.Time // when the log had something new
	log     logBuffer
	kept    keeping

	opened   string // the life whose log was opened last
	openedAt time.Time
}

// Told is who is told what happens to a container that is followed. A function that is
// nil is told nothing.
type Told struct {
	Unstarted bool              // it was created just now: there is nothing to be seen before somebody starts it
	Lacks     func(what string) // something that it printed may not be to be had: once for each reason
	Event     func(Event)
}

// Follow begins to follow a container, existing or just created. What it logs
// is written to out and err. The caller ends it with Close.
func (e *Engine) Follow(ctx context.Context, id string, out, err io.Writer, told Told) (*Follower, error) {
	lacks := told.Lacks
	if lacks == nil {
		lacks = func(string) {}
	}
	f := &Follower{engine: e, id: id, out: out, err: err, lacks: lacks,
		kick: make(chan struct{}, 1), asking: make(chan struct{}, 1), done: make(chan struct{}), changed: make(chan struct{})}
	leave, failed := e.Subscribe(ctx, func(event Event) {
		if event.ID == id || event.ID == "" {
			f.heardOf(event)
			if told.Event != nil && event.ID == id {
				told.Event(event)
			}
			f.Touch()
		}
	})
	if failed != nil {
		return nil, failed
	}
	f.leave = leave
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f.cancel = cancel
	go func() {
		defer close(f.done)
		f.run(run)
	}()
	if !told.Unstarted {
		f.Touch()
	}
	return f, nil
}

// Touch says that the container may have changed. Events do so by themselves.
func (f *Follower) Touch() {
	f.mu.Lock()
	f.asked = time.Time{}
	f.signal()
	f.mu.Unlock()
	select {
	case f.kick <- struct{}{}:
	default:
	}
}

// Started says that the container was started, to a follower that may not have heard
// of it by an event. One that has need not ask the engine again.
func (f *Follower) Started() {
	f.mu.Lock()
	heard := !f.started.IsZero()
	f.mu.Unlock()
	if !heard {
		f.Touch()
	}
}

// signal wakes those who wait for Changed. The caller has the lock.
func (f *Follower) signal() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// Changed returns a channel that is closed at the next change.
func (f *Follower) Changed() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}

// A state is believed for this long, in case an event was lost.
const stateTTL = time.Second

// heardOf notes when the container was started. It is our clock that counts, which
// may be another than the engine's, and does not jump.
func (f *Follower) heardOf(e Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch e.Action {
	case "start":
		f.started = time.Now()
	case "die", "":
		f.started = time.Time{}
	}
}

// Fresh is State, asked for now: an event may be on its way.
func (f *Follower) Fresh(ctx context.Context) (State, error) {
	f.forget()
	return f.State(ctx)
}

// forget has the engine asked by who looks next.
func (f *Follower) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = time.Time{}
}

// Known returns the container's state without asking the engine, unless something has
// happened to the container since the engine was last asked.
func (f *Follower) Known(ctx context.Context) (State, error) {
	f.mu.Lock()
	state, asked := f.state, f.asked
	f.mu.Unlock()
	if asked.IsZero() {
		return f.State(ctx)
	}
	return state, nil
}

// State returns the container's state.
func (f *Follower) State(ctx context.Context) (State, error) {
	s, _, err := f.look(ctx)
	return s, err
}

// look returns how the container is. Whoever asks while another does, waits for the
// same answer.
func (f *Follower) look(ctx context.Context) (State, logSource, error) {
	select {
	case f.asking <- struct{}{}:
		defer func() { <-f.asking }()
	case <-ctx.Done():
		return State{}, logSource{}, context.Cause(ctx)
	}
	f.mu.Lock()
	if time.Since(f.asked) < stateTTL {
		defer f.mu.Unlock()
		return f.state, f.source, nil
	}
	now := time.Now()
	f.asked = now // an event during the call makes it old again
	f.mu.Unlock()

	c, err := f.engine.Inspect(ctx, f.id)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.asked = time.Time{}
		return State{}, logSource{}, err
	}
	s, l := StateOf(c), sourceOf(c)
	s.Since = f.since(s.StartID)
	if f.asked.Equal(now) {
		f.state, f.source, f.pid, f.ports, f.named, f.ways = s, l, c.State.Pid, publishedTCP(c), namedTCP(c), waysTo(c)
	}
	return s, l, nil
}

// A logSource is what the reading of a container's log goes by.
type logSource struct {
	started, finished string // as the engine writes them
	running, tty      bool
	log               container.LogConfig
}

func sourceOf(c container.InspectResponse) logSource {
	l := logSource{started: c.State.StartedAt, finished: c.State.FinishedAt, running: c.State.Running, tty: c.Config.Tty}
	if c.HostConfig != nil {
		l.log = c.HostConfig.LogConfig
	}
	return l
}

// since returns when a life began, or, if nobody told, when it was first seen. The
// caller has the lock.
func (f *Follower) since(life string) time.Time {
	switch {
	case life == f.state.StartID && !f.state.Since.IsZero():
		return f.state.Since
	case !f.started.IsZero():
		return f.started
	}
	return time.Now()
}

// Published returns the TCP ports of the container that it is to publish, as the
// state had them that was last asked for.
func (f *Follower) Published() []int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ports
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

// Lines returns the lines of a life from number from on, the number of the next
// one, and whether the log of that life is complete.
func (f *Follower) Lines(life string, from int) (lines []string, next int, complete bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.lines(life, from)
}

// Begun returns what was printed last, of each stream that does not end with a line's
// end.
func (f *Follower) Begun() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.begun()
}

// Tail returns up to n of the last lines, and the number of all.
func (f *Follower) Tail(n int) (lines []string, total int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.tail(n)
}

// Streams returns the last lines, a few hundred, of a life's stdout and stderr, or of all
// lives if none is named.
func (f *Follower) Streams(life string) (stdout, stderr []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.streams(life)
}

// Close ends following. If the container has ended, it first waits for the rest
// of its log, as long as ctx allows.
func (f *Follower) Close(ctx context.Context) {
	for {
		changed := f.Changed()
		f.mu.Lock()
		reading := f.log.reading()
		f.mu.Unlock()
		if !reading {
			break
		}
		select {
		case <-changed:
			continue
		case <-ctx.Done():
		}
		break
	}
	f.cancel()
	<-f.done
	f.leave()
}

func (f *Follower) endLife() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log.end()
	f.signal()
}

func (f *Follower) add(m message) {
	defer f.tell()
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.log.add(m) {
		return // had it before
	}
	f.heard = time.Now()
	to := f.out
	if m.stderr {
		to = f.err
	}
	_, _ = io.WriteString(to, m.text) // a full disk must not end the reading: the waits need it
	f.kept.judge(m)
	f.signal()
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
