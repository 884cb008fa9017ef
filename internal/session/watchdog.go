// SPDX-License-Identifier: Apache-2.0

package session

import (
	"cmp"
	"slices"
	"sync"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/watchdog"
)

// watchdogClient is what this process knows of its watchdog: there is none before it is
// needed.
type watchdogClient struct {
	sync.Mutex
	*watchdog.Client
	missing bool     // and that was said
	parents []string // of temporary directories, and engines: what it was told of
	engines []*engine.Engine
}

// TellWatchdog tells the watchdog something, if there is one.
func TellWatchdog(what func(*watchdog.Client)) {
	w := &process.watchdog
	w.Lock()
	defer w.Unlock()
	if w.Client != nil {
		what(w.Client)
	}
}

// sayUnwatched says why there can be no watchdog, if there can be none: the test goes on under
// its labels alone.
func sayUnwatched(t T, why error) {
	t.Helper()
	if why != nil {
		t.Logf("if this test is killed, what it made stays until another one runs, or seatrial gc: %v", why)
	}
}

// start is begin for a test.
func (w *watchdogClient) start(t T, e *engine.Engine) {
	t.Helper()
	sayUnwatched(t, w.begin(e))
}

// begin makes sure that the watchdog watches over what is about to be made: on this engine,
// or, if it is nil, in directories. The error says why there can be none; it comes once.
func (w *watchdogClient) begin(e *engine.Engine) (err error) {
	w.Lock()
	defer w.Unlock()
	if w.Client == nil {
		if w.Client, err = watchdog.Start(Run, engine.Environ(caller)); err != nil {
			w.Client = &watchdog.Client{}
		}
	}
	if err == nil && e != nil {
		if !slices.Contains(w.engines, e) {
			w.engines = append(w.engines, e)
			err = w.Client.Engine(e.Environ())
		}
		err = cmp.Or(err, w.Busy())
	}
	if err != nil { // why it does not watch says more than that it does not listen
		err = cmp.Or(w.Begun(), err)
	}
	return w.once(err)
}

// watches waits until the watchdog that was started watches. The error says why it does not; it
// comes once.
func (w *watchdogClient) watches() error {
	w.Lock()
	c := w.Client
	w.Unlock()
	if c == nil {
		return nil
	}
	err := c.Begun()
	w.Lock()
	defer w.Unlock()
	return w.once(err)
}

// once returns an error, unless one was returned before. The lock is held.
func (w *watchdogClient) once(err error) error {
	if err != nil && w.missing {
		return nil
	}
	w.missing = w.missing || err != nil
	return err
}

// WatchToo has the watchdog, if there is one, also look after another engine, where
// what is made on the first one leads to more.
func WatchToo(e *engine.Engine) {
	w := &process.watchdog
	w.Lock()
	defer w.Unlock()
	if w.Client != nil && !slices.Contains(w.engines, e) {
		w.engines = append(w.engines, e)
		_ = w.Client.Engine(e.Environ()) // that there is no watchdog was said
	}
}

// directory makes sure that the watchdog knows where there are temporary
// directories.
func (w *watchdogClient) directory(t T, parent string) {
	t.Helper()
	w.start(t, nil)
	w.Lock()
	defer w.Unlock()
	if !slices.Contains(w.parents, parent) {
		w.parents = append(w.parents, parent)
		w.Parent(parent)
	}
}

// idle tells the watchdog that nothing is there any more.
func (w *watchdogClient) idle() {
	w.Lock()
	defer w.Unlock()
	if w.Client != nil {
		w.Idle()
	}
}
