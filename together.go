// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
)

// Together calls functions at once and returns when all have returned: to start
// several things from one test. Each gets a T of its own, and must use that one;
// what it makes belongs to the test.
//
//	var db, broker *seatrial.Container
//	seatrial.Together(t,
//		func(t seatrial.T) { db = seatrial.Run(t, postgres) },
//		func(t seatrial.T) { broker = seatrial.Run(t, rabbit) },
//	)
//
// The first of them that cannot go on (FailNow) ends what the others do with
// their T: their contexts end, and with them every verb. Its error is the test's;
// what the others say after that is logged in a line each. When all have
// returned, the test ends.
func Together(t T, do ...func(t T)) {
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
	if g.panicked != "" {
		panic(g.panicked)
	}
	if g.first != nil {
		t.FailNow()
	}
}

// A group is the functions of one Together.
type group struct {
	cancel context.CancelCauseFunc

	mu       sync.Mutex
	first    *member // that could not go on
	panicked string
}

// A member is the T of one of them.
type member struct {
	T
	group  *group
	ctx    context.Context
	number int
}

// testOf returns the test itself, to which all belongs that is made.
func testOf(t T) T {
	for {
		m, ok := t.(*member)
		if !ok {
			return t
		}
		t = m.T
	}
}

var errOther = errors.New("another function of Together failed")

func (m *member) call(f func(T)) {
	returned := false
	defer func() {
		if returned {
			return
		}
		r := recover()
		if r != nil {
			m.panics(r, debug.Stack())
		}
		// Or the goroutine was ended: by our FailNow, or by that of the test,
		// which thereby has failed, too.
		m.fails()
	}()
	f(m)
	returned = true
}

func (m *member) panics(r any, stack []byte) {
	m.group.mu.Lock()
	defer m.group.mu.Unlock()
	if m.group.panicked == "" {
		m.group.panicked = fmt.Sprintf("%v\n\nin a function of Together:\n%s", r, stack)
	}
}

// fails notes that the test cannot go on.
func (m *member) fails() {
	g := m.group
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.first == nil {
		g.first = m
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

func (m *member) FailNow() {
	m.fails()
	runtime.Goexit()
}
