// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/sweep"
)

// A scope is what seatrial keeps for one test: where its artifacts go, and what
// must be removed at its end.
type scope struct {
	test   string
	engine *engine.Engine
	owner  owner.Tuple
	dir    *artifact.Dir

	keeping keeping

	verbs sync.WaitGroup // at work: a test may have started one in a goroutine

	mu     sync.Mutex
	things []thing
}

// A thing is something that a test made and that goes with it.
type thing interface {
	// evidence saves what people will want to see after a failure.
	evidence(ctx context.Context, dir *artifact.Dir) error
	// remove removes it, whatever state it is in. It is called again if it
	// fails.
	remove(ctx context.Context) error
	// keep leaves it to people, and returns commands with which to enter it.
	keep(ctx context.Context) []string
}

var (
	scopesMu sync.Mutex
	scopes   = map[T]*scope{}
	active   int // scopes that may have something on the engine

	leftovers bool // something could not be removed, so that the watchdog must not rest
)

// scopeOf returns the scope of a test, and makes it at the first call. It fails
// the test if there is no engine.
func scopeOf(t T) *scope {
	t.Helper()
	s, err := findScope(t, false)
	if err != nil {
		fail(t, err)
	}
	return s
}

// begin returns the scope of a test for a verb that makes something. The test
// does not end before the verb calls done.
func begin(t T) (s *scope, done func()) {
	t.Helper()
	s, err := findScope(t, true)
	if err != nil {
		fail(t, err)
	}
	return s, s.verbs.Done
}

func findScope(t T, verb bool) (s *scope, err error) {
	t.Helper()
	scopesMu.Lock()
	defer scopesMu.Unlock()
	defer func() {
		if verb && err == nil {
			s.verbs.Add(1) // with the lock, which the end of the test needs
		}
	}()
	if s, ok := scopes[t]; ok {
		return s, nil
	}
	keep, err := readKeeping(os.Getenv("SEATRIAL_KEEP"))
	if err != nil {
		return nil, err
	}
	e, err := theEngine()
	if err != nil {
		return nil, err
	}
	tuple, err := newTuple(t)
	if err != nil {
		return nil, err
	}
	guard(t, e)
	dir, err := openArtifacts(t)
	if err == nil && !dir.Kept() {
		watchOver(filepath.Dir(dir.Path()))
		err = sweep.MarkDir(dir.Path())
	}
	if err != nil {
		return nil, err
	}
	s = &scope{test: t.Name(), engine: e, owner: tuple, dir: dir, keeping: keep}
	scopes[t] = s
	active++
	t.Cleanup(func() {
		t.Helper() // so that the line of the test's first call is shown
		s.end(t)
	})
	return s, nil
}

func openArtifacts(t T) (*artifact.Dir, error) {
	if root := os.Getenv("SEATRIAL_ARTIFACTS"); root != "" {
		return artifact.Open(root, t.Name(), run)
	}
	// go test removes the ArtifactDir of a test, also of a failed one, unless
	// it was told to keep them all.
	if keep := flag.Lookup("test.artifacts"); keep != nil && keep.Value.String() == "true" {
		if t, ok := t.(interface{ ArtifactDir() string }); ok {
			return artifact.Use(t.ArtifactDir()), nil
		}
	}
	return artifact.Open("", t.Name(), run)
}

// own says that a thing goes with the test. It is called before the thing can
// exist on the engine.
func (s *scope) own(x thing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.things = append(s.things, x)
}

// endLimit bounds the end of a test. What was not removed by then is named.
const (
	endLimit   = 60 * time.Second
	verbsLimit = 20 * time.Second
)

// end is the end of a test: save, then remove, or leave to people.
func (s *scope) end(t T) {
	t.Helper()
	scopesMu.Lock()
	delete(scopes, t)
	scopesMu.Unlock()

	s.awaitVerbs(t)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), endLimit)
	defer cancel()
	failed := t.Failed()
	if failed {
		if err := s.each(func(x thing) error { return x.evidence(ctx, s.dir) }); err != nil {
			t.Logf("saving the evidence: %v", err)
		}
	}
	if span := keepTime(s.keeping, failed); span == 0 || !s.keep(ctx, t, span) {
		failed = s.remove(ctx, t) || failed
	}
	s.leave(t, failed)

	scopesMu.Lock()
	defer scopesMu.Unlock()
	if active--; active == 0 {
		s.engine.Rest()
		if !leftovers {
			relax()
		}
	}
}

// awaitVerbs waits for what goroutines of the test still do. They notice that the
// context of the test has ended; but one may be in a callback of the user's.
func (s *scope) awaitVerbs(t T) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.verbs.Wait()
	}()
	select {
	case <-done:
	case <-time.After(verbsLimit):
		t.Errorf("a goroutine of the test still builds or starts something, %v after its end", verbsLimit)
	}
}

// Pauses between attempts to remove something: an engine may be restarting.
var attempts = []time.Duration{200 * time.Millisecond, time.Second, 3 * time.Second, 6 * time.Second}

// remove removes everything, and reports whether that failed. What it fails to
// remove is left to the watchdog, after the end of the process.
func (s *scope) remove(ctx context.Context, t T) (failed bool) {
	t.Helper()
	began := time.Now()
	err := s.each(func(x thing) error {
		err := x.remove(ctx)
		for _, pause := range attempts {
			if err == nil || ctx.Err() != nil {
				break
			}
			time.Sleep(pause)
			err = x.remove(ctx)
		}
		return err
	})
	if err != nil {
		t.Errorf("removing what the test made: %v\n    hint: it is tried again when this process has ended, and by seatrial gc --run %s", err, run)
		scopesMu.Lock()
		leftovers = true
		scopesMu.Unlock()
		return true
	}
	s.dir.Note("everything removed, in %v", time.Since(began).Round(time.Millisecond))
	return false
}

// leave ends the use of the artifact directory, and says where it is if there
// is something to see.
func (s *scope) leave(t T, failed bool) {
	t.Helper()
	if !failed && !s.dir.Kept() {
		if err := s.dir.Discard(); err != nil {
			t.Logf("removing the artifact directory: %v", err)
		}
		return
	}
	if err := s.dir.Close(); err != nil {
		t.Logf("closing the time line: %v", err)
	}
	sweep.UnmarkDir(s.dir.Path())
	if failed {
		t.Logf("artifacts: %s", s.dir.Path())
	}
}

// each calls do for all things at once, and returns what went wrong.
func (s *scope) each(do func(thing) error) error {
	s.mu.Lock()
	things := s.things
	s.mu.Unlock()
	return inParallel(things, do)
}

// inParallel calls do for each item at once, and returns all errors. A panic in
// one of them is an error too: the others must still be tried.
func inParallel[X any](items []X, do func(X) error) error {
	errs := make([]error, len(items))
	var wg sync.WaitGroup
	for i, item := range items {
		wg.Go(func() {
			defer func() {
				if r := recover(); r != nil {
					errs[i] = fmt.Errorf("panic: %v", r)
				}
			}()
			errs[i] = do(item)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
