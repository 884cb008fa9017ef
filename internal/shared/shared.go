// SPDX-License-Identifier: Apache-2.0

package shared

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/seatrial/seatrial/internal/isolate"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
)

// A Value is something that the tests of this process share.
type Value struct {
	name string
	once sync.Once
	done chan struct{} // closed when it was made or that failed
	t    *T            // the T to which it belongs
	err  error         // why it could not be made
	skip string        // why setUp skipped

	mu     sync.Mutex
	doing  string
	users  map[session.T]bool
	unused func(context.Context) // called when no test uses it any more; may be nil
}

// New returns a value that is not made yet. The name is for messages and artifacts.
func New(name string) *Value {
	return &Value{name: name, done: make(chan struct{}), users: map[session.T]bool{}}
}

// process has the values of this process: those that were used, in that order, and
// those with an owner.
var process = struct {
	sync.Mutex
	list []*Value
	of   map[any]*Value
}{of: map[any]*Value{}}

// ErrSkipped is the error if setUp has skipped; its text is the reason.
type ErrSkipped string

func (e ErrSkipped) Error() string { return string(e) }

// Use makes the value, or waits until it is made, and watches it for the test. It returns
// the output of setUp to the test that made it.
func (s *Value) Use(ctx context.Context, t session.T, setUp func(session.T)) (said string, err error) {
	t.Helper()
	first := false
	s.once.Do(func() {
		first = true
		s.t = newT(s.name, nil)
		process.Lock()
		process.list = append(process.list, s)
		process.Unlock()
		go s.make(setUp)
	})
	select {
	case <-s.done:
	case <-ctx.Done():
		return "", fmt.Errorf("waiting for %s, which tests share, to be made: %w%s", s.name, context.Cause(ctx), s.soFar())
	}
	switch {
	case s.skip != "":
		return "", ErrSkipped(s.skip)
	case s.err != nil:
		return "", s.err
	}
	if said = s.t.tellTo(first); said != "" {
		said = fmt.Sprintf("making %s, which tests share:\n%s", s.name, said)
	}
	return said, s.watch(t)
}

// Doing notes what is being done, for the error of tests whose wait times out.
func (s *Value) Doing(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doing = what
}

// soFar says how far setUp has got, for the end of an error.
func (s *Value) soFar() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doing == "" {
		return ""
	}
	return "; it was at this: " + s.doing
}

// tellTo returns the output so far, if this is the test that gets it.
func (t *T) tellTo(this bool) string {
	if !this || !chatty() {
		return ""
	}
	return strings.TrimSuffix(t.tell(), "\n")
}

// make makes the value. If that fails, it cleans up at once, and the error includes that.
func (s *Value) make(setUp func(session.T)) {
	s.t.Helper()
	defer close(s.done)
	e := isolate.Call("the function given to Share", func() { s.t.Helper(); setUp(s.t) })
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
		session.NoteShared(s.t)
		return
	}
	if panicked := s.t.cleanUp(); panicked != "" {
		s.t.say("panic: " + panicked)
	}
	if s.skip == "" {
		text := "making " + s.name + ", which tests share, failed:\n" + strings.TrimSuffix(s.t.tell(), "\n")
		s.err = report.Caused(text, s.t.causes)
	}
}

// end removes all values, the last one first, given the exit code of the tests. It
// reports whether that succeeded.
func end(code int, out io.Writer) (ok bool) {
	process.Lock()
	list := process.list
	process.list = nil
	process.Unlock()
	ok = true
	for _, s := range slices.Backward(list) {
		select {
		case <-s.done:
		default: // setUp still runs, and no test waits for it
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

// Of returns the value of an owner, such as an environment: the same one each time.
// When no test uses it any more, unused is called.
func Of(owner any, name string, unused func(context.Context)) *Value {
	process.Lock()
	defer process.Unlock()
	v := process.of[owner]
	if v == nil {
		v = New(name)
		v.unused = unused
		process.of[owner] = v
	}
	return v
}
