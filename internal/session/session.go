// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	iprocess "github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/said"
)

// A Session is what seatrial keeps for one test on one engine: where its artifacts
// go, and what must be removed at its end.
type Session struct {
	Test      string // its name
	On        *Handle
	Engine    *engine.Engine // the same, connected
	Owner     owner.Tuple
	Artifacts *Artifacts

	Said   said.Log    // by docker, to be told in the test's log
	Unsure atomic.Bool // a command was cut off: the engine may still be creating something

	log    Progress // the test's
	warned sync.Map // what was said once

	verbs  sync.WaitGroup // at work: a test may have started one in a goroutine
	ending context.Context
	stop   context.CancelFunc // ends ending, and the verbs that are at work

	mu        sync.Mutex
	resources []*Resource // of which nobody changes a list that others may have
}

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
	s := &Session{Test: t.Name(), On: on, Engine: e, Owner: tuple, Artifacts: artifacts, log: t.Logf}
	s.ending, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// For returns a session like this one, for objects that are not to go with the test: they
// have other labels, and whoever asks for it ends it.
func (s *Session) For(test string, tuple owner.Tuple) *Session {
	return &Session{Test: test, On: s.On, Engine: s.Engine, Owner: tuple, Artifacts: s.Artifacts, log: s.log, ending: s.ending, stop: s.stop}
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

// Warn says something in the test's log that its author should know.
func (s *Session) Warn(format string, args ...any) {
	s.Artifacts.Note(format, args...)
	s.Say("warning: "+format, args...)
}

// WarnOnce is Warn, once for each format.
func (s *Session) WarnOnce(format string, args ...any) {
	if _, said := s.warned.LoadOrStore(format, true); !said {
		s.Warn(format, args...)
	}
}

// Say says something in the test's log. What tests share may have more to say than
// the one lives that started it, and package testing panics then.
func (s *Session) Say(format string, args ...any) {
	defer func() { _ = recover() }()
	s.log("%s", s.Artifacts.Redact(fmt.Sprintf(format, args...)))
}

// TellSaid puts what docker said since the last time into the log of a test.
func (s *Session) TellSaid(t T) {
	t.Helper()
	for _, text := range s.Said.Take() {
		t.Logf("warning: %s", s.Artifacts.Redact(text))
	}
}

// NoteSaid keeps what docker said on stderr while it made something.
func (s *Session) NoteSaid(of, stderr string) {
	for _, text := range said.InCommand(stderr) {
		s.Said.Add(of + ": " + text)
	}
}

// HideSecrets hides what shipped secrets hold in what the test leaves. A file that
// cannot be read is the docker command's to complain about.
func (s *Session) HideSecrets(files []string, texts ...string) {
	s.Artifacts.Hide(texts...)
	for _, name := range files {
		if content, err := os.ReadFile(name); err == nil {
			s.Artifacts.Hide(string(content))
		}
	}
}

// Background does something beside the verbs. The test's end waits for it.
func (s *Session) Background(do func()) { s.verbs.Go(do) }

// Ending is done when the test ends.
func (s *Session) Ending() context.Context { return s.ending }

// ConnectLimit bounds the search for an engine, and its first answers.
const ConnectLimit = 30 * time.Second

// These bound the end of a test. What was not removed by then is named.
const (
	EndLimit   = 60 * time.Second
	SaveLimit  = 20 * time.Second
	VerbsLimit = 20 * time.Second
)

// end is the end of a test: save, then remove, or leave to people.
func (s *Session) end(t T) {
	t.Helper()
	process.Lock()
	delete(process.sessions, key{t, s.On})
	process.Unlock()

	s.awaitVerbs(t)
	if s.Engine.Gone() {
		s.part(t)
		return
	}
	failed := t.Failed()
	if failed {
		s.save(t)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), EndLimit)
	defer cancel()
	span := s.Artifacts.keeping.time(failed)
	if span > 0 && s.On.Temporary {
		t.Logf("nothing is kept on the engine %s, which goes with this process", s.Engine.Host())
		span = 0
	}
	if span == 0 || !s.keep(ctx, t, span) {
		s.remove(ctx, t)
	}
	s.part(t)
}

// part ends the session, of which nothing is left on the engine that it would have
// to care for.
func (s *Session) part(t T) {
	t.Helper()
	s.detachAll()
	for _, e := range s.engines()[1:] { // nodes, which others may use: they connect again
		e.Rest()
	}
	s.Artifacts.release(t)

	process.Lock()
	defer process.Unlock()
	if s.On.users--; s.On.users == 0 {
		s.Engine.Rest()
	}
	if s.On.Temporary {
		return
	}
	if process.active--; process.active == 0 && !process.leftovers {
		process.watchdog.idle()
	}
}

// save saves the evidence of a failed test.
func (s *Session) save(t T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), SaveLimit)
	defer cancel()
	if err := s.Evidence(ctx, s.Artifacts.Dir); err != nil {
		t.Logf("saving the evidence: %v", err)
	}
}

// awaitVerbs ends what goroutines of the test still do, and waits for that. What
// does not end may make something yet: the watchdog must not rest.
func (s *Session) awaitVerbs(t T) {
	t.Helper()
	s.stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.verbs.Wait()
	}()
	select {
	case <-done:
	case <-time.After(VerbsLimit):
		left()
		t.Errorf("a goroutine of the test still builds or starts something, %v after its end", VerbsLimit)
	}
}

// remove removes everything. What it fails to remove fails the test, and is left
// to the watchdog, after the end of the process.
func (s *Session) remove(ctx context.Context, t T) {
	t.Helper()
	began := time.Now()
	if err := s.RemoveAll(ctx); err != nil {
		t.Errorf("removing what the test made: %v\n    hint: it is tried again when this process has ended, and by seatrial gc --run %s", err, Run)
		left()
		return
	}
	s.Artifacts.Note("everything removed, in %v", time.Since(began).Round(time.Millisecond))
}

// NoWait is the context of those who do not wait: it has ended.
var NoWait = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()
