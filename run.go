// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/internal/watchdog"
)

// run is this process's use of seatrial.
var run = process.Run

// caller is this process, for the commands that it runs.
var caller = engine.Caller{
	Mark: watchdog.Mark(run), Dir: sweep.NewDir("ssh-" + run),
	Began: func(group int) { tell(func(d *watchdog.Dog) { d.Began(group) }) },
	Ended: func(group int) { tell(func(d *watchdog.Dog) { d.Ended(group) }) },
}

// tell tells the watchdog something, if there is one.
func tell(what func(*watchdog.Dog)) {
	dog.Lock()
	defer dog.Unlock()
	if dog.Dog != nil {
		what(dog.Dog)
	}
}

// dog is the watchdog of this process: there is none before it is needed.
var dog struct {
	sync.Mutex
	*watchdog.Dog
	said    bool     // that it is missing
	parents []string // and engines: what it knows of
	engines []*engine.Engine
}

// guard makes sure that the watchdog watches over what is about to be made: on
// this engine, or, if it is nil, in directories. If there can be none, the test
// goes on under its labels alone, and says so once.
func guard(t T, e *engine.Engine) {
	t.Helper()
	dog.Lock()
	defer dog.Unlock()
	var err error
	if dog.Dog == nil {
		if dog.Dog, err = watchdog.Start(run, engine.Environ(caller)); err != nil {
			dog.Dog = &watchdog.Dog{}
		}
	}
	if err == nil && e != nil {
		if !slices.Contains(dog.engines, e) {
			dog.engines = append(dog.engines, e)
			err = dog.Engine(e.Environ())
		}
		err = cmp.Or(err, dog.Busy())
	}
	if err != nil && !dog.said {
		dog.said = true
		t.Logf("if this test is killed, what it made stays until another one runs, or seatrial gc: %v", err)
	}
}

// guardToo has the watchdog, if there is one, also look after another engine, where
// what is made on the first one leads to more.
func guardToo(e *engine.Engine) {
	dog.Lock()
	defer dog.Unlock()
	if dog.Dog != nil && !slices.Contains(dog.engines, e) {
		dog.engines = append(dog.engines, e)
		_ = dog.Engine(e.Environ()) // that there is no watchdog was said
	}
}

// watchOver makes sure that the watchdog knows where there are temporary
// directories.
func watchOver(t T, parent string) {
	t.Helper()
	guard(t, nil)
	dog.Lock()
	defer dog.Unlock()
	if !slices.Contains(dog.parents, parent) {
		dog.parents = append(dog.parents, parent)
		dog.Parent(parent)
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

// newTuple says whose the objects of a test on an engine are. Times are the
// engine's.
func newTuple(ctx context.Context, t T, e *Engine) (owner.Tuple, error) {
	ahead, err := e.clock(ctx)
	if err != nil {
		return owner.Tuple{}, err
	}
	until := time.Now().Add(withoutDeadline)
	if end, ok := deadline(t); ok {
		until = end.Add(afterDeadline)
	}
	return owner.Tuple{Run: run, Test: t.Name(), Scope: owner.NewID(), Process: process.Self(), Until: until.Add(ahead)}, nil
}
