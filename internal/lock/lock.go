// SPDX-License-Identifier: Apache-2.0

package lock

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// Lock files are never removed, since another process may be about to lock one. So
// there is a fixed number of them, which unrelated work may have to share.
const files = 512

// patience is how long Take waits before it names the holder, and pause the time
// between attempts.
const (
	patience = time.Second
	pause    = 20 * time.Millisecond
)

// Dir returns this user's directory for locks, or "" if there is none.
func Dir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "seatrial", "locks")
}

// Take takes the lock for some work. The key identifies the work, and what
// describes it to people. If it takes a while, waiting is called once, with the
// description of the holder. Without a directory there is no lock.
func Take(ctx context.Context, dir, key, what string, waiting func(holder string)) (release func(), err error) {
	if dir == "" {
		return func() {}, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making a place for locks: %w", err)
	}
	path := place(dir, key)
	l := flock.New(path, flock.SetPermissions(0o600))
	first, cancel := context.WithTimeout(ctx, patience)
	ok, err := l.TryLockContext(first, pause)
	cancel()
	if !ok && ctx.Err() == nil && first.Err() != nil {
		holder, _ := os.ReadFile(path + ".who") // only for people
		waiting(string(holder))
		ok, err = l.TryLockContext(ctx, pause)
	}
	if !ok {
		return nil, fmt.Errorf("waiting for another process that works on %s: %w", what, err)
	}
	_ = os.WriteFile(path+".who", []byte(what+mine()), 0o600) // only for people
	return func() { _ = l.Unlock() }, nil
}

func place(dir, key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(dir, fmt.Sprintf("%03x", (int(sum[0])<<8|int(sum[1]))%files))
}

// Try takes the lock if nobody has it. Without a directory there is no lock.
func Try(dir, key string) (release func(), ok bool) {
	if dir == "" {
		return func() {}, true
	}
	if os.MkdirAll(dir, 0o700) != nil {
		return nil, false
	}
	l := flock.New(place(dir, key), flock.SetPermissions(0o600))
	if ok, err := l.TryLock(); !ok || err != nil {
		return nil, false
	}
	return func() { _ = l.Unlock() }, true
}

// mine is the end of a holder's description if it is this process.
func mine() string { return fmt.Sprintf(", process %d", os.Getpid()) }

// IsMine reports whether a holder is this process, where two goroutines may want the same
// lock.
func IsMine(holder string) bool { return strings.HasSuffix(holder, mine()) }
