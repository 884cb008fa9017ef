// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"time"

	"github.com/seatrial/seatrial/internal/owner"
	iprocess "github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/said"
)

// Open returns the session of a test on an engine, and makes it at the first call, for a
// verb that makes something: the test does not end before the verb calls done.
func Open(t T, on *Handle) (s *Session, done func(), err error) {
	t.Helper()
	process.Lock()
	defer process.Unlock()
	t = TestOf(t)
	key := key{t, on}
	if s = process.sessions[key]; s == nil {
		if s, err = begin(t, on); err != nil {
			return nil, nil, err
		}
		process.sessions[key] = s
		on.users++
		if !on.Temporary {
			process.active++
		}
		t.Cleanup(func() {
			t.Helper() // so that the line of the test's first call is shown
			s.end(t)
		})
	}
	s.verbs.Add(1) // with the lock, which the end of the test needs
	return s, s.verbs.Done, nil
}

func begin(t T, on *Handle) (*Session, error) {
	t.Helper()
	ctx, cancel, err := Limit(t, 0, ConnectLimit)
	if err != nil {
		return nil, err
	}
	defer cancel()
	e, err := on.Connect(ctx)
	if err != nil {
		return nil, err
	}
	tuple, err := newTuple(ctx, t, on)
	if err != nil {
		return nil, err
	}
	if !on.Temporary {
		process.watchdog.start(t, e)
	}
	artifacts, err := openArtifacts(t)
	if err != nil {
		return nil, err
	}
	s := &Session{Test: t.Name(), On: on, Engine: e, Owner: tuple, Artifacts: artifacts, Said: &said.Log{}}
	s.ending, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// How long an object is left alone by those who cannot see whether this process
// lives: past the test's deadline, or, if it has none, altogether.
const (
	afterDeadline   = 15 * time.Minute
	withoutDeadline = 24 * time.Hour
)

// newTuple says whose the objects of a test on an engine are. Times are the
// engine's.
func newTuple(ctx context.Context, t T, on *Handle) (owner.Tuple, error) {
	ahead, err := on.Clock(ctx)
	if err != nil {
		return owner.Tuple{}, err
	}
	until := time.Now().Add(withoutDeadline)
	if end, ok := deadline(t); ok {
		until = end.Add(afterDeadline)
	}
	return owner.Tuple{Run: Run, Test: t.Name(), Scope: owner.NewID(), Process: iprocess.Self(), Until: until.Add(ahead)}, nil
}

// ConnectLimit bounds the search for an engine, and its first answers.
const ConnectLimit = 30 * time.Second
