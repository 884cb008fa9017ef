// SPDX-License-Identifier: Apache-2.0

package session

import (
	"sync"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/internal/watchdog"
	"github.com/seatrial/seatrial/spec"
)

// caller is this process, for the commands that it runs.
var caller = engine.Caller{
	Mark: watchdog.Mark(Run), Dir: sweep.NewDir("ssh-" + Run),
	Began: func(group int) { TellWatchdog(func(d *watchdog.Client) { d.Began(group) }) },
	Ended: func(group int) { TellWatchdog(func(d *watchdog.Client) { d.Ended(group) }) },
}

// process is what this process has of seatrial in this package: globals_test.go in the root
// lists what others have.
//
// Who needs several of the locks takes them in this order: process, those of a handle (under
// which an engine is asked, by a command maybe, of which the watchdog is told), artifacts,
// watchdog. That of engines is taken alone, and so are those of sessions, which are below all
// of these.
var process = struct {
	sync.Mutex
	sessions  map[key]*Session
	active    int  // sessions that may have something on an engine that the watchdog watches
	leftovers bool // something could not be removed, so that the watchdog must not rest

	artifacts artifactDirs
	watchdog  watchdogClient
	engines   handles
}{
	sessions:  map[key]*Session{},
	artifacts: artifactDirs{of: map[T]*Artifacts{}},
	engines:   handles{of: map[spec.Engine]*Handle{}},
}

// key tells sessions apart.
type key struct {
	T
	*Handle
}

// left notes that something of a test may be left, or still be made.
func left() {
	process.Lock()
	defer process.Unlock()
	process.leftovers = true
}

type handles struct {
	sync.Mutex
	of map[spec.Engine]*Handle
}
