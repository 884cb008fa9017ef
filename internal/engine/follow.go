// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
)

// A Follower knows a container: its state, as the engine's events tell it, and
// its log, from the first byte to the last, across restarts.
type Follower struct {
	looks
	engine *Engine
	id     string
	out    io.Writer
	err    io.Writer
	lacks  func(what string) // called when something that it prints may be missing, once for each reason

	kick   chan struct{} // something happened; holds one
	cancel context.CancelFunc
	done   chan struct{}
	leave  func()

	mu      sync.Mutex
	changed chan struct{}
	heard   time.Time // when the log had something new
	log     logBuffer
	kept    keeping

	opened   string    // the life whose log was opened last
	caughtUp time.Time // when what had been printed before has come, most likely
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
	f := &Follower{looks: newLooks(func(ctx context.Context) (container.InspectResponse, error) { return e.Inspect(ctx, id) }),
		engine: e, id: id, out: out, err: err, lacks: lacks,
		kick: make(chan struct{}, 1), done: make(chan struct{}), changed: make(chan struct{})}
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
	f.forget()
	f.mu.Lock()
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
	if !f.heardOfStart() {
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
