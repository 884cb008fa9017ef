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
	Began: func(group int) { tellWatchdog(func(d *watchdog.Client) { d.Began(group) }) },
	Ended: func(group int) { tellWatchdog(func(d *watchdog.Client) { d.Ended(group) }) },
}

// tellWatchdog tells the watchdog something, if there is one.
func tellWatchdog(what func(*watchdog.Client)) {
	watchdogClient.Lock()
	defer watchdogClient.Unlock()
	if watchdogClient.Client != nil {
		what(watchdogClient.Client)
	}
}

// watchdogClient is the watchdog of this process: there is none before it is needed.
var watchdogClient struct {
	sync.Mutex
	*watchdog.Client
	said    bool     // that it is missing
	parents []string // and engines: what it knows of
	engines []*engine.Engine
}

// startWatchdog makes sure that the watchdog watches over what is about to be made: on
// this engine, or, if it is nil, in directories. If there can be none, the test
// goes on under its labels alone, and says so once.
func startWatchdog(t T, e *engine.Engine) {
	t.Helper()
	watchdogClient.Lock()
	defer watchdogClient.Unlock()
	var err error
	if watchdogClient.Client == nil {
		if watchdogClient.Client, err = watchdog.Start(run, engine.Environ(caller)); err != nil {
			watchdogClient.Client = &watchdog.Client{}
		}
	}
	if err == nil && e != nil {
		if !slices.Contains(watchdogClient.engines, e) {
			watchdogClient.engines = append(watchdogClient.engines, e)
			err = watchdogClient.Engine(e.Environ())
		}
		err = cmp.Or(err, watchdogClient.Busy())
	}
	if err != nil && !watchdogClient.said {
		watchdogClient.said = true
		t.Logf("if this test is killed, what it made stays until another one runs, or seatrial gc: %v", err)
	}
}

// watchEngineToo has the watchdog, if there is one, also look after another engine, where
// what is made on the first one leads to more.
func watchEngineToo(e *engine.Engine) {
	watchdogClient.Lock()
	defer watchdogClient.Unlock()
	if watchdogClient.Client != nil && !slices.Contains(watchdogClient.engines, e) {
		watchdogClient.engines = append(watchdogClient.engines, e)
		_ = watchdogClient.Engine(e.Environ()) // that there is no watchdog was said
	}
}

// watchDirectory makes sure that the watchdog knows where there are temporary
// directories.
func watchDirectory(t T, parent string) {
	t.Helper()
	startWatchdog(t, nil)
	watchdogClient.Lock()
	defer watchdogClient.Unlock()
	if !slices.Contains(watchdogClient.parents, parent) {
		watchdogClient.parents = append(watchdogClient.parents, parent)
		watchdogClient.Parent(parent)
	}
}

// idleWatchdog tells the watchdog that nothing is there any more.
func idleWatchdog() {
	watchdogClient.Lock()
	defer watchdogClient.Unlock()
	if watchdogClient.Client != nil {
		watchdogClient.Idle()
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
