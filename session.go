// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/parallel"
	"github.com/seatrial/seatrial/internal/said"
)

// A session is what seatrial keeps for one test on one engine: where its artifacts
// go, and what must be removed at its end.
type session struct {
	test   string
	on     *Engine
	engine *engine.Engine // the same, connected
	owner  owner.Tuple
	dir    *testArtifacts
	log    progress // the test's

	blind sync.Once // says that what listens in containers is not seen

	verbs  sync.WaitGroup // at work: a test may have started one in a goroutine
	ending context.Context
	stop   context.CancelFunc // ends ending, and the verbs that are at work

	said   said.Log    // by docker, to be told in the test's log
	unsure atomic.Bool // a command was cut off: the engine may still be creating something

	mu        sync.Mutex
	resources []resource
}

// A resource is something that a test made and that goes with it.
type resource interface {
	// evidence saves what people will want to see after a failure.
	evidence(ctx context.Context, dir *artifact.Dir) error
	// remove removes it, whatever state it is in. It is called again if it
	// fails.
	remove(ctx context.Context) error
	// enter returns commands with which people get into it; none if there is
	// nothing to get into.
	enter(ctx context.Context) []string
	// leave leaves it to people: what goes on for it in this process ends.
	detach()
}

// usedByOthers is a resource that others use, which must be removed before it.
type usedByOthers interface {
	resource
	isUsed() bool
}

type sessionKey struct {
	T
	*Engine
}

var (
	sessionsMu     sync.Mutex
	sessions       = map[sessionKey]*session{}
	activeSessions int // sessions that may have something on an engine that the watchdog watches

	leftovers bool // something could not be removed, so that the watchdog must not rest
)

// begin returns the session of a test on an engine, and makes it at the first call,
// for a verb that makes something: the test does not end before the verb calls
// done. It fails the test if there is no engine.
func begin(t T, on *Engine) (s *session, done func()) {
	t.Helper()
	s, done, err := tryBegin(t, on)
	if err != nil {
		fail(t, err)
	}
	return s, done
}

// tryBegin is begin, and returns the error.
func tryBegin(t T, on *Engine) (s *session, done func(), err error) {
	t.Helper()
	if s, err = findSession(t, on); err != nil {
		return nil, nil, err
	}
	return s, s.verbs.Done, nil
}

func findSession(t T, on *Engine) (s *session, err error) {
	t.Helper()
	sessionsMu.Lock()
	defer sessionsMu.Unlock()
	defer func() {
		if s != nil && err == nil {
			s.verbs.Add(1) // with the lock, which the end of the test needs
		}
	}()
	t = testOf(t)
	key := sessionKey{t, on}
	if s, ok := sessions[key]; ok {
		return s, nil
	}
	if s, err = newSession(t, on); err != nil {
		return nil, err
	}
	sessions[key] = s
	on.users++
	if !on.temporary {
		activeSessions++
	}
	t.Cleanup(func() {
		t.Helper() // so that the line of the test's first call is shown
		s.end(t)
	})
	return s, nil
}

func newSession(t T, on *Engine) (*session, error) {
	t.Helper()
	ctx, cancel := limit(t, 0, connectLimit)
	defer cancel()
	e, err := on.engine(ctx)
	if err != nil {
		return nil, err
	}
	tuple, err := newTuple(ctx, t, on)
	if err != nil {
		return nil, err
	}
	if !on.temporary {
		startWatchdog(t, e)
	}
	dir, err := openTestArtifacts(t)
	if err != nil {
		return nil, err
	}
	s := &session{test: t.Name(), on: on, engine: e, owner: tuple, dir: dir, log: t.Logf}
	s.ending, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// limit is the function limit, for a verb of this session: it ends with the session,
// too, when the context of the test has ended long ago.
func (s *session) limit(t T, most, standard time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := limit(t, most, standard)
	ctx, cut := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.ending, func() { cut(errEnded) })
	return ctx, func() {
		stop()
		cut(nil)
		cancel()
	}
}

// warn says something in the test's log that its author should know.
func (s *session) warn(format string, args ...any) {
	s.dir.Note(format, args...)
	s.say("warning: "+format, args...)
}

// say says something in the test's log. What tests share may have more to say than
// the one lives that started it, and package testing panics then.
func (s *session) say(format string, args ...any) {
	defer func() { _ = recover() }()
	s.log("%s", s.dir.Redact(fmt.Sprintf(format, args...)))
}

var errEnded = errors.New("the test has ended")

// connectLimit bounds the search for an engine, and its first answers.
const connectLimit = 30 * time.Second

// track says that a resource goes with the test. It is called before the resource can
// exist on the engine.
func (s *session) track(x resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resources = append(s.resources, x)
}

// endLimit bounds the end of a test. What was not removed by then is named.
const (
	endLimit   = 60 * time.Second
	saveLimit  = 20 * time.Second
	verbsLimit = 20 * time.Second
)

// end is the end of a test: save, then remove, or leave to people.
func (s *session) end(t T) {
	t.Helper()
	sessionsMu.Lock()
	delete(sessions, sessionKey{t, s.on})
	sessionsMu.Unlock()

	s.awaitVerbs(t)
	if s.engine.Gone() {
		s.part(t)
		return
	}
	failed := t.Failed()
	if failed {
		s.save(t)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), endLimit)
	defer cancel()
	span := keepTime(s.dir.keeping, failed)
	if span > 0 && s.on.temporary {
		t.Logf("nothing is kept on the engine %s, which goes with this process", s.engine.Host())
		span = 0
	}
	if span == 0 || !s.keep(ctx, t, span) {
		s.remove(ctx, t)
	}
	s.part(t)
}

// part ends the session, of which nothing is left on the engine that it would have
// to care for.
func (s *session) part(t T) {
	t.Helper()
	_ = s.each(func(x resource) error { x.detach(); return nil })
	for _, e := range s.engines()[1:] { // nodes, which others may use: they connect again
		e.Rest()
	}
	s.dir.release(t)

	sessionsMu.Lock()
	defer sessionsMu.Unlock()
	if s.on.users--; s.on.users == 0 {
		s.engine.Rest()
	}
	if s.on.temporary {
		return
	}
	if activeSessions--; activeSessions == 0 && !leftovers {
		idleWatchdog()
	}
}

// save saves the evidence of a failed test.
func (s *session) save(t T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), saveLimit)
	defer cancel()
	if err := s.each(func(x resource) error { return x.evidence(ctx, s.dir.Dir) }); err != nil {
		t.Logf("saving the evidence: %v", err)
	}
}

// awaitVerbs ends what goroutines of the test still do, and waits for that. What
// does not end may make something yet: the watchdog must not rest.
func (s *session) awaitVerbs(t T) {
	t.Helper()
	s.stop()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.verbs.Wait()
	}()
	select {
	case <-done:
	case <-time.After(verbsLimit):
		sessionsMu.Lock()
		leftovers = true
		sessionsMu.Unlock()
		t.Errorf("a goroutine of the test still builds or starts something, %v after its end", verbsLimit)
	}
}

// Pauses between attempts to remove something: an engine may be restarting.
var attempts = []time.Duration{200 * time.Millisecond, time.Second, 3 * time.Second, 6 * time.Second}

// remove removes everything. What it fails to remove fails the test, and is left
// to the watchdog, after the end of the process.
func (s *session) remove(ctx context.Context, t T) {
	t.Helper()
	began := time.Now()
	// What others use comes last, and is tried also if they could not be removed.
	err := errors.Join(s.removeThose(ctx, false), s.removeThose(ctx, true))
	if err != nil {
		t.Errorf("removing what the test made: %v\n    hint: it is tried again when this process has ended, and by seatrial gc --run %s", err, run)
		sessionsMu.Lock()
		leftovers = true
		sessionsMu.Unlock()
		return
	}
	s.dir.Note("everything removed, in %v", time.Since(began).Round(time.Millisecond))
}

// removeThose removes what is used by others, or what is not.
func (s *session) removeThose(ctx context.Context, isUsed bool) error {
	return s.each(func(x resource) error {
		if u, ok := x.(usedByOthers); (ok && u.isUsed()) != isUsed {
			return nil
		}
		return retried(ctx, x.remove)
	})
}

// retried does something until it succeeds, or a few times.
func retried(ctx context.Context, do func(context.Context) error) error {
	err := do(ctx)
	for _, pause := range attempts {
		if err == nil || ctx.Err() != nil {
			break
		}
		time.Sleep(pause)
		err = do(ctx)
	}
	return err
}

// each calls do for all things at once, and returns what went wrong.
func (s *session) each(do func(resource) error) error {
	s.mu.Lock()
	things := s.resources
	s.mu.Unlock()
	return parallel.Do(things, do)
}

// logSaid puts what docker said since the last time into the log of a test.
func (sc *session) logSaid(t T) {
	t.Helper()
	for _, text := range sc.said.Take() {
		t.Logf("warning: %s", sc.dir.Redact(text))
	}
}

// noteSaid keeps what docker said while it made something.
func (sc *session) noteSaid(of, stderr string) {
	for _, text := range said.InCommand(stderr) {
		sc.said.Add(of + ": " + text)
	}
}
