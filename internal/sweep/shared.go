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

// SharedDir returns the directory for locks and notes about what processes of this
// machine share. It is empty if there is none.
func SharedDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "seatrial", "shared")
}

// LockShared takes the lock of shared objects, for a process that makes them or
// begins to use them.
func LockShared(ctx context.Context, run, what string, waiting func(holder string)) (release func(), err error) {
	return lock.Take(ctx, SharedDir(), run, what, waiting)
}

// TryLockShared is LockShared for whoever leaves alone what another process works on.
func TryLockShared(run string) (release func(), free bool) { return lock.Try(SharedDir(), run) }

// settle takes the locks of the shared objects, and judges them again: it leaves
// out those that a process uses now or is about to use.
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
		if unlock, ok := TryLockShared(run); ok {
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
			return is.Kind == f.Kind && is.ID == f.ID && (is.Verdict == owner.Dead || f.Verdict != owner.Dead) // or the removal of living ones was requested
		}) {
			still = append(still, f)
		}
	}
	return still, release, nil
}

// Pauses of the process that waits for the end of shared objects.
const (
	nextLook  = 20 * time.Second
	rarely    = time.Minute // for environments, which stay for hours
	soonest   = 500 * time.Millisecond
	trouble   = 20 // consecutive failures
	looks     = 10 // before leaving the rest to another process
	collected = time.Minute
)

// CollectShared waits until the time of shared objects is over, and removes them. Only
// one process does that for all: others return at once.
func CollectShared(e *engine.Engine, run string) {
	// Nothing is written before: the lock's directory may be gone with the socket's, and would
	// be made again.
	var gone time.Time // when the engine was first seen to be gone for good
	for gone = SinceGone(gone, e.Host(), time.Now()); !gone.IsZero(); gone = SinceGone(gone, e.Host(), time.Now()) {
		if time.Since(gone) >= Farewell {
			return
		}
		time.Sleep(nextLook)
	}
	dir := SharedDir()
	if dir != "" {
		dir = filepath.Join(dir, "outlast")
	}
	release, ok := lock.Try(dir, run)
	if !ok { // the process that waits may look seldom: remove what is due now
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
			if gone = SinceGone(gone, e.Host(), time.Now()); !gone.IsZero() && time.Since(gone) >= Farewell {
				return
			}
			failures, wait = failures+1, nextLook
		case wait == 0:
			return
		default:
			failures = 0
		}
		time.Sleep(wait)
	}
}

// outlast removes objects whose time is over, and returns when to look again, or 0
// if nothing is left.
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
		return 0, nil // data stays for weeks: a later process will remove it
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
