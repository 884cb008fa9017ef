// SPDX-License-Identifier: Apache-2.0

package sweep

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/lock"
	"github.com/seatrial/seatrial/internal/owner"
)

// SharedDir is where this machine's processes keep locks, and notes, about what
// they share. It is empty if there is no place for it.
func SharedDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "seatrial", "shared")
}

// LockShared takes the lock of what is shared: for those who make it, or begin to
// use it.
func LockShared(ctx context.Context, run, what string, waiting func(holder string)) (release func(), err error) {
	return lock.Take(ctx, SharedDir(), run, what, waiting)
}

// settle takes the locks of what is shared among the objects, and judges it again:
// it leaves out what somebody is about to use, or uses by now.
func settle(ctx context.Context, e *engine.Engine, objects []Found) (still []Found, release func(), err error) {
	var releases []func()
	release = func() {
		for _, r := range releases {
			r()
		}
	}
	now := map[string][]Found{} // by run
	for _, f := range objects {
		run := f.Tuple.Run
		if !f.Tuple.Shared() || now[run] != nil {
			continue
		}
		now[run] = []Found{}
		if unlock, ok := lock.Try(SharedDir(), run); ok {
			releases = append(releases, unlock)
			if now[run], err = Assess(ctx, e, run); err != nil {
				return nil, release, err
			}
		}
	}
	if len(now) == 0 {
		return objects, release, nil
	}
	for _, f := range objects {
		if !f.Tuple.Shared() || slices.ContainsFunc(now[f.Tuple.Run], func(is Found) bool {
			return is.Kind == f.Kind && is.ID == f.ID && (is.Verdict == owner.Dead || f.Verdict != owner.Dead) // or one insists
		}) {
			still = append(still, f)
		}
	}
	return still, release, nil
}

// Pauses of the one who waits for the end of what is shared.
const (
	nextLook  = 20 * time.Second
	rarely    = time.Minute // at environments, which stay for hours
	soonest   = 500 * time.Millisecond
	trouble   = 20 // looks in a row that fail
	looks     = 10 // of one who leaves the rest to another
	collected = time.Minute
)

// CollectShared waits until nothing of what is shared is left, and removes it when its
// time is over. One process does so, for all: the others return at once.
func CollectShared(e *engine.Engine, run string) {
	dir := SharedDir()
	if dir != "" {
		dir = filepath.Join(dir, "outlast")
	}
	release, ok := lock.Try(dir, run)
	if !ok { // whoever waits may look seldom, and what this process has left goes now
		for range looks {
			if wait, err := outlast(e, run); err != nil || wait != soonest {
				return
			}
			time.Sleep(soonest)
		}
		return
	}
	defer release()
	for failures := 0; failures < trouble; {
		wait, err := outlast(e, run)
		switch {
		case err != nil:
			failures, wait = failures+1, nextLook
		case wait == 0:
			return
		default:
			failures = 0
		}
		time.Sleep(wait)
	}
}

// outlast removes what is left of it, and returns when to look again, or 0 if
// there is nothing.
func outlast(e *engine.Engine, run string) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(context.Background(), collected)
	defer cancel()
	all, err := Assess(ctx, e, run)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	now, err := e.Now(ctx)
	if err != nil {
		return 0, err
	}
	wait := nextLook
	if all[0].Tuple.Environment() > 0 {
		wait = rarely
	}
	if !slices.ContainsFunc(all, func(f Found) bool { return !f.Tuple.IsData() || f.Verdict == owner.Dead }) {
		return 0, nil // data stays for weeks: whoever comes next looks after it
	}
	var dead []Found
	for _, f := range all {
		switch {
		case f.Verdict == owner.Dead:
			dead = append(dead, f)
			wait = soonest
		case f.Kind == owner.Record:
			wait = min(wait, f.Tuple.Until.Sub(now)+soonest)
		}
	}
	return max(wait, soonest), Remove(ctx, e, dead, nil)
}
