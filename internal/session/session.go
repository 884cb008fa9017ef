// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"fmt"
	"maps"
	"os"
	"sync"
	"sync/atomic"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/progress"
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

	Said   *said.Log   // by docker, the plan and us, to be told in the test's log
	Unsure atomic.Bool // a command was cut off: the engine may still be creating something

	OfCommand bool // a command asked for it, so that hints name its options, not fields of a spec

	log    Progress             // hears warnings at once; nil keeps them
	events func(progress.Event) // nil if nobody listens
	warned sync.Map             // what was said once

	verbs  sync.WaitGroup // at work: a test may have started one in a goroutine
	ending context.Context
	stop   context.CancelFunc // ends ending, and the verbs that are at work

	resources
}

// For returns a session like this one, for objects that are not to go with the test: they
// have other labels, and whoever asks for it ends it.
func (s *Session) For(test string, tuple owner.Tuple) *Session {
	return &Session{Test: test, On: s.On, Engine: s.Engine, Owner: tuple, Artifacts: s.Artifacts, Said: s.Said, log: s.log, events: s.events, ending: s.ending, stop: s.stop, OfCommand: s.OfCommand}
}

// Warn says something that its author should know: in the test's log when the verb returns
// that is at work, or the test ends, because a line there has the place of whoever called.
func (s *Session) Warn(format string, args ...any) {
	s.Artifacts.Note(format, args...)
	if s.log != nil {
		s.log("%s", s.Artifacts.Redact("warning: "+fmt.Sprintf(format, args...)))
		return
	}
	s.Said.Add(fmt.Sprintf(format, args...))
}

// WarnOnce is Warn, once for each format.
func (s *Session) WarnOnce(format string, args ...any) {
	if _, said := s.warned.LoadOrStore(format, true); !said {
		s.Warn(format, args...)
	}
}

// Listen has somebody hear of what goes on: events, which then are not said in words.
func (s *Session) Listen(hear func(progress.Event)) { s.events = hear }

// IsHeard reports whether somebody listens.
func (s *Session) IsHeard() bool { return s.events != nil }

// Tell tells of an event: whoever listens, or else in words who is given.
func (s *Session) Tell(say Progress, e progress.Event) {
	switch {
	case s.events != nil:
		s.events(e)
	case say != nil && e.String() != "":
		say("%s", e.String())
	}
}

// TellSaid puts what is to be told of since the last time into the log of a test.
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

// Labels returns the labels of an object that the test makes: those that say whose it is,
// and more that somebody wants it to have.
func (s *Session) Labels(kind, name string, more map[string]string) map[string]string {
	labels := s.Owner.On(kind, name).Labels()
	maps.Copy(labels, more)
	return labels
}

// Owned returns those of the objects that were made in this session's run: names alone
// prove nothing.
func (s *Session) Owned(kind string, objects []engine.Object) []engine.Object {
	var all []engine.Object
	for _, o := range objects {
		if tuple, ok := owner.Read(kind, o.Name, o.Labels); ok && tuple.Run == s.Owner.Run {
			all = append(all, o)
		}
	}
	return all
}

// Background does something beside the verbs. The test's end waits for it.
func (s *Session) Background(do func()) { s.verbs.Go(do) }

// Ending is done when the test ends.
func (s *Session) Ending() context.Context { return s.ending }

// NoWait is the context of those who do not wait: it has ended.
var NoWait = func() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}()

// RequireManager returns why the engine can do nothing with a swarm, if that is so.
// A test never makes one of an engine that is not its own.
func (s *Session) RequireManager(ctx context.Context) error {
	is, err := s.Engine.Membership(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("asking the engine %s for its swarm: %w", s.Engine.Host(), err)
	case is.Manages:
		return nil
	case is.State == "active":
		return fmt.Errorf("the engine %s is a worker of a swarm, and only managers can do this\n    hint: seatrial.On has the verbs on another engine", s.Engine.Host())
	case is.Error != "":
		return fmt.Errorf("the engine %s is not in a swarm: its state is %s: %s", s.Engine.Host(), is.State, is.Error)
	}
	return fmt.Errorf("the engine %s is not in a swarm\n    hint: docker swarm init makes one of this engine, if it may be one; swarmtest.Start gives a Go test a swarm of its own", s.Engine.Host())
}
