// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/internal/watchdog"
)

// run is this process's use of seatrial.
var run = owner.NewID()

// theEngine finds the engine that the environment names. It does not change
// under a test's feet: once found, it stays. If there is none, the next test
// looks again.
func theEngine() (*engine.Engine, error) {
	found.Lock()
	defer found.Unlock()
	if found.engine != nil {
		return found.engine, nil
	}
	if time.Now().Before(found.again) { // tests in parallel do not all wait for the same time-out
		return nil, found.err
	}
	began := time.Now()
	found.engine, found.err = engine.Find(context.Background(), engine.Caller{Mark: watchdog.Mark(run), Dir: sweep.NewDir("ssh-" + run)})
	if found.err != nil {
		found.engine, found.again = nil, time.Now().Add(time.Since(began)+100*time.Millisecond)
	}
	return found.engine, found.err
}

var found struct {
	sync.Mutex
	engine *engine.Engine
	err    error
	again  time.Time
}

// dog is the watchdog of this process: there is none before the first object.
var dog struct {
	sync.Mutex
	*watchdog.Dog
	said bool // that it is missing
}

// guard makes sure that the watchdog watches over what is about to be made. If
// there can be none, the test goes on under its labels alone, and says so once.
func guard(t T, e *engine.Engine) {
	t.Helper()
	dog.Lock()
	defer dog.Unlock()
	var err error
	if dog.Dog == nil {
		if dog.Dog, err = watchdog.Start(run, e.Environ()); err != nil {
			dog.Dog = &watchdog.Dog{}
		}
	}
	if err == nil {
		err = dog.Busy()
	}
	if err != nil && !dog.said {
		dog.said = true
		t.Logf("if this test is killed, what it made stays until another one runs, or seatrial gc: %v", err)
	}
}

// relax tells the watchdog that nothing is there any more.
func relax() {
	dog.Lock()
	defer dog.Unlock()
	if dog.Dog != nil {
		dog.Idle()
	}
}

// How long an object is left alone by those who cannot see whether this process
// lives: past the test's deadline, or, if it has none, altogether.
const (
	afterDeadline   = 15 * time.Minute
	withoutDeadline = 24 * time.Hour
)

// clock returns how far the engine's clock is ahead of ours.
func clock() (time.Duration, error) {
	skew.Lock()
	defer skew.Unlock()
	if skew.known {
		return skew.by, nil
	}
	e, err := theEngine()
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	now, err := e.Now(ctx)
	if err == nil {
		skew.by, skew.known = time.Until(now), true
	}
	return skew.by, err
}

var skew struct {
	sync.Mutex
	by    time.Duration
	known bool
}

// newTuple says whose the objects of a test are. Times are the engine's.
func newTuple(t T) (owner.Tuple, error) {
	ahead, err := clock()
	if err != nil {
		return owner.Tuple{}, err
	}
	until := time.Now().Add(withoutDeadline)
	if end, ok := deadline(t); ok {
		until = end.Add(afterDeadline)
	}
	return owner.Tuple{Run: run, Test: t.Name(), Scope: owner.NewID(), Process: process.Self(), Until: until.Add(ahead)}, nil
}
