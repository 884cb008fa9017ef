// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/isolate"
)

// Share returns a function that gives all tests of this process the same: what
// setUp makes, at the first call. Nothing is made that no test asks for.
//
//	var orders = seatrial.Share("orders", func(t seatrial.T) *seatrial.Project {
//		return seatrial.Up(t, spec.Project{Files: []string{"../deploy/compose.yaml"}})
//	})
//
//	func TestCancel(t *testing.T) {
//		api := orders(t).Service(t, "api")
//		…
//	}
//
// Tests that ask while it is made wait for it. If it fails, each of them is told
// why, as is every later one: it is not tried again. The errors that [Try] finds
// are among the causes. If setUp skips (see [Need]), so do they. The name is for
// messages and artifacts.
//
// A test that fails has what the shared containers logged since it first asked,
// and what the engine knew of them at its end, among its artifacts.
//
// What setUp made goes when the process ends: by [Main], if the package uses it,
// else by the watchdog, a moment later. It cannot outlive the process: see
// [Shared]. One shared thing may be made of others, by calling their functions
// with the T of setUp.
func Share[X any](name string, setUp func(t T) X) func(t T) X {
	s := newShared(name)
	var made X
	return func(t T) X {
		t.Helper()
		s.use(t, func(t T) { made = setUp(t) })
		return made
	}
}

// shared is what the tests of this process share.
type shared struct {
	name string
	once sync.Once
	done chan struct{} // closed when it was made, or not
	t    *sharedT      // to which it belongs
	err  error         // why there is nothing
	skip string        // why nobody wants it

	mu     sync.Mutex
	doing  string
	users  map[T]bool
	unused func(context.Context) // is called when no test uses it any more; may be nil
}

func newShared(name string) *shared {
	return &shared{name: name, done: make(chan struct{}), users: map[T]bool{}}
}

// allShared are those that were asked for.
var allShared struct {
	sync.Mutex
	list []*shared
}

// use makes it, or waits until it is made, and has it watched for the test.
func (s *shared) use(t T, setUp func(T)) {
	t.Helper()
	first := false
	s.once.Do(func() {
		first = true
		s.t = newSharedT(s.name, nil)
		allShared.Lock()
		allShared.list = append(allShared.list, s)
		allShared.Unlock()
		go s.make(setUp)
	})
	ctx, cancel := limit(t, 0, 24*time.Hour) // the test's deadline, if it has one
	defer cancel()
	select {
	case <-s.done:
	case <-ctx.Done():
		fail(t, fmt.Errorf("waiting for %s, which tests share, to be made: %w%s", s.name, context.Cause(ctx), s.soFar()))
	}
	switch {
	case s.skip != "":
		skip(t, s.skip)
		fail(t, errors.New(s.skip)) // it cannot skip
	case s.err != nil:
		fail(t, s.err)
	}
	if said := s.t.tellTo(first); said != "" {
		t.Logf("making %s, which tests share:\n%s", s.name, said)
	}
	s.watch(t)
}

// does says what is being done, for those who wait in vain.
func (s *shared) does(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doing = what
}

// soFar tells how far it came, as an end to an error.
func (s *shared) soFar() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doing == "" {
		return ""
	}
	return "; it was at this: " + s.doing
}

// tellTo returns what was said, for the one who hears it.
func (t *sharedT) tellTo(this bool) string {
	if !this || !chatty() {
		return ""
	}
	return strings.TrimSuffix(t.tell(), "\n")
}

// make makes it. What a failure leaves goes at once, and is told with it.
func (s *shared) make(setUp func(T)) {
	defer close(s.done)
	e := isolate.Call("the function given to Share", func() { setUp(s.t) })
	switch {
	case e.Panicked != "":
		s.t.Errorf("panic: %s", e.Panicked)
	case s.t.Skipped():
		s.skip = s.t.why
	case !e.Returned:
		s.t.fail()
		if len(s.t.causes) == 0 {
			s.t.say("it failed without a word")
		}
	}
	if s.skip == "" && !s.t.Failed() {
		return
	}
	if panicked := s.t.cleanUp(); panicked != "" {
		s.t.say("panic: " + panicked)
	}
	if s.skip == "" {
		text := "making " + s.name + ", which tests share, failed:\n" + strings.TrimSuffix(s.t.tell(), "\n")
		s.err = &failure{text, s.t.causes}
	}
}

// endShared ends what was shared, the last one first, with the code of the tests.
// It reports whether all went well.
func endShared(code int, out io.Writer) (ok bool) {
	allShared.Lock()
	list := allShared.list
	allShared.list = nil
	allShared.Unlock()
	ok = true
	for _, s := range slices.Backward(list) {
		select {
		case <-s.done:
		default: // nobody waited for it to the end
			continue
		}
		if s.err != nil || s.skip != "" {
			continue
		}
		s.t.tests(code)
		s.t.out = out
		s.t.end()
		ok = ok && !s.t.blamed
	}
	return ok
}
