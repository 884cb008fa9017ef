// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"
	"errors"
	"math"
	"time"

	cerrdefs "github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

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
			if again != atOnce { // which has just asked
				f.forget()
			}
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
	_, l, err := f.look(ctx)
	if IsNotFound(err) {
		f.endLife()
		return 0
	}
	if err != nil {
		return lookAgain
	}
	life := l.started
	if life == "" || life == neverStarted {
		return 0
	}
	f.mu.Lock()
	if f.log.complete(life) && !l.running {
		f.mu.Unlock()
		return 0
	}
	ended := ""
	if !l.running {
		ended = l.finished
	}
	since := f.log.since(life, ended)
	f.log.begin(life)
	f.mu.Unlock()
	if l.log.Type == driverNone {
		f.unreadable(l, "keeps nothing")
		return 0
	}
	f.mu.Lock()
	f.kept.limits(l.log)
	f.mu.Unlock()
	options := client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Follow: l.running, Timestamps: true, Since: since}
	reading, cancel := context.WithCancel(ctx)
	defer cancel()
	if l.running {
		go f.endRead(reading, cancel, life)
	}
	began := time.Now()
	stream, err := f.engine.api.ContainerLogs(reading, f.id, options)
	if cerrdefs.IsNotImplemented(err) {
		f.unreadable(l, "cannot be read")
		return 0
	}
	var held []message
	if err == nil {
		f.opens(life, time.Since(began))
		add := f.add
		if !l.running {
			add = func(m message) { held = append(held, m) }
		}
		err = readLog(stream, l.tty, add)
		stream.Close() // read to its end
	}
	f.addOf(ctx, life, held)
	var said engineError
	if errors.As(err, &said) {
		return f.brokenLife(said, l.running)
	}
	if err != nil {
		return lookAgain
	}
	if l.running { // when we began: of what came at its end, something may be missing
		f.forget()
		if _, now, err := f.look(ctx); err == nil && !now.running {
			return atOnce
		}
		return lookAgain
	}
	f.endLife()
	return 0
}

// opens notes that the log of a life has begun to come, after so long.
func (f *Follower) opens(life string, took time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.opened, f.caughtUp = life, time.Now().Add(max(comesWithin, 3*took))
	f.signal()
}

// What a container has printed comes right after the opening of its log: within this time, or, on a
// machine that has much to do, within a few times that of the opening. Nobody waits for the opening for
// longer than that.
const (
	comesWithin = 10 * time.Millisecond
	opensWithin = time.Second
)

// CatchUp waits a moment if the log of a life has begun to come just now, or will, so that what was
// printed before the call is among its lines.
func (f *Follower) CatchUp(ctx context.Context, life string) {
	timer := time.NewTimer(opensWithin)
	defer timer.Stop()
	for {
		changed := f.Changed()
		f.mu.Lock()
		_, lines, complete := f.log.lines(life, math.MaxInt)
		rest := opensWithin
		if f.opened == life {
			rest = time.Until(f.caughtUp)
			timer.Reset(rest)
		}
		over := lines > 0 || complete || f.kept.unread != "" || rest <= 0
		f.mu.Unlock()
		if over {
			return
		}
		select {
		case <-changed:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (f *Follower) isBack() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.log.back
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
		_, now, err := f.known(reading) // what kicked may be the start itself
		ended = IsNotFound(err) || err == nil && (!now.running || now.started != life)
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
		} else if f.isBack() {
			break // of what comes next the times say nothing
		}
	}
}

// neverStarted is StartedAt of a container that was only created.
const neverStarted = "0001-01-01T00:00:00Z"
