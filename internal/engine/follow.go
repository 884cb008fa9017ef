// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// A Follower knows a container: its state, as the engine's events tell it, and
// its log, from the first byte to the last, across restarts.
type Follower struct {
	engine *Engine
	id     string
	out    io.Writer
	err    io.Writer

	kick   chan struct{} // something happened; holds one
	asking chan struct{} // holds one while the engine is asked for the state
	cancel context.CancelFunc
	done   chan struct{}
	leave  func()

	mu      sync.Mutex
	changed chan struct{}
	state   State
	pid     int       // of the first process, as the engine's machine numbers it
	asked   time.Time // when the state was asked for; zero if it is known to be old
	heard   time.Time // when the log had something new
	log     logBuffer
}

// Follow begins to follow a container, existing or just created. What it logs
// is written to out and err. The caller ends it with Close.
func (e *Engine) Follow(ctx context.Context, id string, out, err io.Writer) (*Follower, error) {
	f := &Follower{engine: e, id: id, out: out, err: err,
		kick: make(chan struct{}, 1), asking: make(chan struct{}, 1), done: make(chan struct{}), changed: make(chan struct{})}
	leave, failed := e.Subscribe(ctx, func(event Event) {
		if event.ID == id || event.ID == "" {
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
	f.Touch()
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
const believed = time.Second

// State returns the container's state. Whoever asks while another does, waits
// for the same answer.
func (f *Follower) State(ctx context.Context) (State, error) {
	select {
	case f.asking <- struct{}{}:
		defer func() { <-f.asking }()
	case <-ctx.Done():
		return State{}, context.Cause(ctx)
	}
	f.mu.Lock()
	if time.Since(f.asked) < believed {
		defer f.mu.Unlock()
		return f.state, nil
	}
	now := time.Now()
	f.asked = now // an event during the call makes it old again
	f.mu.Unlock()

	c, err := f.engine.Inspect(ctx, f.id)
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		f.asked = time.Time{}
		return State{}, err
	}
	if f.asked.Equal(now) {
		f.state, f.pid = StateOf(c), c.State.Pid
	}
	return StateOf(c), nil
}

// Lines returns the lines of a life from number from on, the number of the next
// one, and whether the log of that life is complete.
func (f *Follower) Lines(life string, from int) (lines []string, next int, complete bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.lines(life, from)
}

// Tail returns up to n of the last lines, and the number of all.
func (f *Follower) Tail(n int) (lines []string, total int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.tail(n)
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

// run reads the log of one life after the other.
func (f *Follower) run(ctx context.Context) {
	for again := time.Duration(0); ; {
		var retry <-chan time.Time
		if again > 0 {
			retry = time.After(again)
		}
		select {
		case <-f.kick:
		case <-retry:
		case <-ctx.Done():
			return
		}
		again = f.readLife(ctx)
	}
}

// The engine may close a log before it says that the container ended, or
// because it is going down itself: look again after this time.
const (
	lookAgain = 100 * time.Millisecond
	atOnce    = time.Nanosecond
)

// readLife reads the log of the present life to its end, if that was not done
// yet. It returns how long to wait before the next look, or 0 to wait for an
// event.
func (f *Follower) readLife(ctx context.Context) time.Duration {
	c, err := f.engine.Inspect(ctx, f.id)
	if IsNotFound(err) {
		f.endLife()
		return 0
	}
	if err != nil {
		return lookAgain
	}
	life := c.State.StartedAt
	if life == "" || life == neverStarted {
		return 0
	}
	f.mu.Lock()
	if f.log.complete(life) && !c.State.Running {
		f.mu.Unlock()
		return 0
	}
	since := f.log.since(life)
	f.log.begin(life)
	f.mu.Unlock()
	options := client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Follow: c.State.Running, Timestamps: true, Since: since}
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	if c.State.Running {
		go f.endRead(reading, cancel, life)
	}
	stream, err := f.engine.api.ContainerLogs(reading, f.id, options)
	var held []message
	if err == nil {
		add := f.add
		if !c.State.Running {
			add = func(m message) { held = append(held, m) }
		}
		err = readLog(stream, c.Config.Tty, add)
		stream.Close() // read to its end
	}
	f.addOf(ctx, life, held)
	if err != nil {
		return lookAgain
	}
	if c.State.Running { // when we began: of what came at its end, something may be missing
		if now, err := f.engine.Inspect(ctx, f.id); err == nil && !now.State.Running {
			return atOnce
		}
		return lookAgain
	}
	f.endLife()
	return 0
}

// mostSilent is how long a log that is followed may go on without a word when its
// container has ended.
const mostSilent = time.Second

// endRead ends the reading of a life's log if the life has ended and the reading has
// not: Podman leaves a log open, with nothing in it, that it began to send just when
// the container ended. It is read again then.
func (f *Follower) endRead(reading context.Context, end func(), life string) {
	for ended := false; ; {
		if !ended {
			select {
			case <-f.kick:
			case <-reading.Done():
				return
			}
		}
		select { // which leaves time to a log that ends by itself
		case <-time.After(mostSilent):
		case <-reading.Done():
			f.Touch() // what the kick was about is still to be looked at
			return
		}
		c, err := f.engine.Inspect(reading, f.id)
		ended = IsNotFound(err) || err == nil && (!c.State.Running || c.State.StartedAt != life)
		f.mu.Lock()
		silent := time.Since(f.heard) >= mostSilent
		f.mu.Unlock()
		if ended && silent {
			end()
			return
		}
	}
}

// addOf adds messages that were read when the container did not run. If it was
// started meanwhile, there may be some of its next life among them: these are left
// to be read again.
func (f *Follower) addOf(ctx context.Context, life string, held []message) {
	if len(held) == 0 {
		return
	}
	next := ""
	if now, err := f.engine.Inspect(ctx, f.id); err == nil && now.State.StartedAt != life {
		next = now.State.StartedAt
	}
	for _, m := range held {
		if next == "" || before(m.time, next) {
			f.add(m)
		}
	}
}

// before compares two times of the engine's, which may have fewer digits.
func before(a, b string) bool {
	at, err := time.Parse(time.RFC3339Nano, a)
	start, failed := time.Parse(time.RFC3339Nano, b)
	return err != nil || failed != nil || at.Before(start)
}

// neverStarted is StartedAt of a container that was only created.
const neverStarted = "0001-01-01T00:00:00Z"

func (f *Follower) endLife() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log.end()
	f.signal()
}

func (f *Follower) add(m message) {
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
	f.signal()
}

// State is what the engine says about a container. Package wait has the same
// type, and explains it.
type State struct {
	Status       string
	Life         string
	ExitCode     int
	Restarts     int
	OOMKilled    bool
	Error        string
	Health       string
	HealthOutput string
}

// StateOf returns the state of a container that was inspected.
func StateOf(c container.InspectResponse) State {
	s := State{
		Status:    string(c.State.Status),
		Life:      c.State.StartedAt,
		ExitCode:  c.State.ExitCode,
		Restarts:  c.RestartCount,
		OOMKilled: c.State.OOMKilled,
		Error:     c.State.Error,
	}
	if h := c.State.Health; h != nil && h.Status != container.NoHealthcheck {
		s.Health = string(h.Status)
		if n := len(h.Log); n > 0 {
			s.HealthOutput = h.Log[n-1].Output
		}
	}
	return s
}
