// SPDX-License-Identifier: Apache-2.0

package inner

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/seatrial/seatrial/internal/isolate"
	"github.com/seatrial/seatrial/internal/session"
)

// Together calls functions at once, each with a T of its own, and ends as the first of them
// that could not go on. The error is for a test that has to fail.
func Together(t session.T, do ...func(session.T)) error {
	t.Helper()
	g := &group{}
	ctx, cancel := context.WithCancelCause(t.Context())
	g.cancel = cancel
	defer cancel(nil)
	var all sync.WaitGroup
	for i, f := range do {
		m := &member{T: t, group: g, ctx: ctx, number: i + 1}
		all.Go(func() { m.call(f) })
	}
	all.Wait()
	switch {
	case g.panicked != "":
		panic(g.panicked)
	case g.first == nil:
	case g.skips != "":
		Skip(t, g.skips)
	case g.foreign:
		return endWith(t)
	default:
		t.FailNow()
	}
	return nil
}

// A group is the functions of one Together.
type group struct {
	cancel context.CancelCauseFunc

	mu       sync.Mutex
	first    *member // that could not go on
	foreign  bool    // because another T than its own ended it
	skips    string  // because it skips: why
	panicked string
}

// A member is the T of one of them.
type member struct {
	session.T
	group  *group
	ctx    context.Context
	number int
}

func (m *member) Outer() session.T { return m.T }

var errOther = errors.New("another function of Together failed")

func (m *member) call(f func(session.T)) {
	e := isolate.Call("a function of Together", func() { f(m) })
	if e.Returned {
		return
	}
	m.ends(func(g *group) { g.foreign = e.Panicked == "" })
	g := m.group
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.panicked == "" {
		g.panicked = e.Panicked
	}
}

// ends notes that the test cannot go on, and, if it is the first to say so, why.
func (m *member) ends(why func(*group)) {
	g := m.group
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.first == nil {
		g.first = m
		why(g)
		g.cancel(errOther)
	}
}

func (m *member) Context() context.Context { return m.ctx }

func (m *member) Errorf(format string, args ...any) {
	m.T.Helper()
	m.group.mu.Lock()
	first := m.group.first
	m.group.mu.Unlock()
	if first == nil || first == m {
		m.T.Errorf(format, args...)
		return
	}
	line, _, _ := strings.Cut(fmt.Sprintf(format, args...), "\n")
	m.T.Logf("function %d of Together failed, too: %s", m.number, line)
}

func (m *member) Failed() bool {
	m.group.mu.Lock()
	first := m.group.first
	m.group.mu.Unlock()
	return first == m || m.T.Failed()
}

func (m *member) FailNow() {
	m.ends(func(*group) {})
	runtime.Goexit()
}

func (m *member) skip(why string) {
	m.ends(func(g *group) { g.skips = why })
	runtime.Goexit()
}
