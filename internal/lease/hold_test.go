// SPDX-License-Identifier: Apache-2.0

package lease

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/artifact"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/tailor"
)

// A lock that another test has is waited for, also if that is of the same process, as parallel
// tests are. The test that has it would wait for itself.
func TestLocks(t *testing.T) {
	t.Parallel()
	of := sessions(t)
	locks := []tailor.Lock{{Name: "host-network"}, {Name: "device:/dev/ttyS0"}}
	run := owner.NewID()
	holder := of("TestHolder", run)
	held, err := Locks(t.Context(), holder, locks, t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Locks(t.Context(), holder, locks[1:], t.Logf); err == nil || !strings.Contains(err.Error(), "is held by TestHolder: by this very test, which would wait for itself") {
		t.Errorf("for the holder itself: %v", err)
	}
	others := map[string]*session.Session{"of the same process": of("TestOther", run), "of another process": of("TestElsewhere", owner.NewID())}
	for about, other := range others {
		ctx, waits := context.WithCancel(t.Context())
		_, err := Locks(ctx, other, locks[1:], func(string, ...any) { waits() })
		if want := "time was up while waiting: lock device:/dev/ttyS0 is held by TestHolder"; err == nil || err.Error() != want {
			t.Errorf("for a test %s: %v, want %s", about, err, want)
		}
		waits()
	}
	if err := held.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := Locks(t.Context(), others["of the same process"], locks, t.Logf); err != nil {
		t.Errorf("when it is free: %v", err)
	}
}

// Of two who want the same and did not know of each other one gives way, whichever of several
// locks it is that both want.
func TestGivesWay(t *testing.T) {
	t.Parallel()
	of := sessions(t)
	first, second, asked := of("TestFirst", owner.NewID()), of("TestSecond", owner.NewID()), 0
	l, err := holdLease(t.Context(), first, func(*board) ([]Item, error) {
		if asked++; asked > 1 {
			return nil, nil // it has given way
		}
		if _, err := Locks(t.Context(), second, []tailor.Lock{{Name: "b"}}, t.Logf); err != nil {
			return nil, err
		}
		return []Item{Lock("a"), Lock("b")}, nil
	})
	if l != nil || err != nil || asked != 2 {
		t.Errorf("it was asked %d times, and has %v, %v: want that it gave way to what the other got in between", asked, l, err)
	}
}

// sessions returns what makes a session of a test and a run, all on one engine.
func sessions(t *testing.T) func(test, run string) *session.Session {
	t.Helper()
	fake := enginetest.NewFake("locks", "1.47")
	fake.KeepVolumes()
	e, err := engine.At(t.Context(), engine.Named{Host: fake.ServeUnix(t)}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdle)
	artifacts := &session.Artifacts{Dir: artifact.Use(t.TempDir())}
	return func(test, run string) *session.Session {
		tuple := owner.Tuple{Run: run, Test: test, Scope: owner.NewID(), Process: process.Self(), Until: time.Now().Add(time.Hour)}
		return &session.Session{Test: test, Engine: e, Owner: tuple, Artifacts: artifacts}
	}
}
