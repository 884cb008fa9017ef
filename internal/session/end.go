// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/parallel"
)

// These bound the end of a test. What was not removed by then is named.
const (
	EndLimit   = 60 * time.Second
	FatesLimit = 10 * time.Second
	SaveLimit  = 20 * time.Second
	VerbsLimit = 20 * time.Second
)

// end is the end of a test: save, then remove, or leave to people.
func (s *Session) end(t T) {
	t.Helper()
	failIfPanicking(t)
	process.Lock()
	delete(process.sessions, key{t, s.On})
	process.Unlock()

	s.awaitVerbs(t)
	sayUnwatched(t, process.watchdog.watches()) // no verb waited for it
	s.TellSaid(t)
	s.Artifacts.End()
	if s.Engine.Gone() {
		s.part(t)
		return
	}
	failed := t.Failed()
	s.Artifacts.over(failed)
	fates := s.tellFates(t, !failed)
	if failed {
		s.explain(t, fates)
	}
	if failed || s.Artifacts.reporting == always && s.Artifacts.Kept() {
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
	for _, e := range s.engines(s.Engine)[1:] { // nodes, which others may use: they connect again
		e.CloseIdle()
	}
	s.Artifacts.release(t)

	process.Lock()
	defer process.Unlock()
	if s.On.users--; s.On.users == 0 {
		s.Engine.CloseIdle()
	}
	if s.On.Temporary {
		return
	}
	if process.active--; process.active == 0 && !process.leftovers {
		process.watchdog.idle()
	}
}

// tellFates logs what became of all resources. A test can pass although a service that
// met its condition has died since, which those who read the log ought to see. It leaves out
// what the reason of a failure says already.
func (s *Session) tellFates(t T, passed bool) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), atEnd(t, FatesLimit, 4))
	defer cancel()
	said := s.Fates(ctx, passed)
	for i, line := range said {
		said[i] = s.Artifacts.Redact(line)
	}
	if !passed { // the reason is printed above
		said = unsaid(s.Artifacts.Failure(), said)
	}
	for _, line := range said {
		t.Logf("%s", line)
	}
	return said
}

// explain writes what became of all resources below the reason why the test failed.
func (s *Session) explain(t T, fates []string) {
	t.Helper()
	if err := s.Artifacts.AddToFailure(byItself, WentWrong(fates)); err != nil {
		t.Logf("writing why the test failed: %v", err)
	}
}

// WentWrong is what stands below the reason of a failure of what became of containers.
func WentWrong(fates []string) string {
	if len(fates) == 0 {
		return ""
	}
	return "What else went wrong:\n" + strings.Join(fates, "\n")
}

// save saves the evidence of a failed test.
func (s *Session) save(t T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), atEnd(t, SaveLimit, 2))
	defer cancel()
	saves := []func() error{
		func() error { return s.about(ctx) },
		func() error { return s.Evidence(ctx, s.Artifacts.Dir) },
	}
	if err := parallel.Do(saves, func(save func() error) error { return save() }); err != nil {
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
		s.failAtEnd(t, fmt.Sprintf("a goroutine of the test still builds or starts something, %v after its end", VerbsLimit))
	}
}

// failAtEnd fails the test, and writes down why.
func (s *Session) failAtEnd(t T, why string) {
	t.Helper()
	t.Errorf("%s", why)
	_ = s.Artifacts.AddFailure(why) // it is a copy of what is printed
}

// remove removes everything. What it fails to remove fails the test, and is left
// to the watchdog, after the end of the process.
func (s *Session) remove(ctx context.Context, t T) {
	t.Helper()
	began := time.Now()
	if err := s.RemoveAll(ctx); err != nil {
		s.failAtEnd(t, fmt.Sprintf("removing what the test made: %v\n    hint: it is tried again when this process has ended, and by seatrial gc --run %s", err, Run))
		left()
		return
	}
	s.Artifacts.Note("everything removed, in %v", time.Since(began).Round(time.Millisecond))
}
