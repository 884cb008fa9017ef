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

// Files of locks are never removed, since somebody may be about to take one. So
// there is a fixed number of them, which unrelated work may have to share.
const files = 512

// patience is how long the holder is not spoken of, and pause how long until it
// is looked again.
const (
	patience = time.Second
	pause    = 20 * time.Millisecond
)

// Dir returns the directory of this user's in which locks are; or nothing if there
// is no place for one.
func Dir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "seatrial", "locks")
}

// Take takes the lock for some work, of which key says what it is to the machine
// and what to people. If it takes a while, waiting is called once, with what the
// holder does. Without a directory there is no lock.
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
		holder, _ := os.ReadFile(path + ".who") // for people only
		waiting(string(holder))
		ok, err = l.TryLockContext(ctx, pause)
	}
	if !ok {
		return nil, fmt.Errorf("waiting for another process that works on %s: %w", what, err)
	}
	_ = os.WriteFile(path+".who", []byte(what+mine()), 0o600) // for people only
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

// mine is how what a holder does ends, if it is this process.
func mine() string { return fmt.Sprintf(", process %d", os.Getpid()) }

// IsMine reports whether a holder is this process, in which two may want one lock.
func IsMine(holder string) bool { return strings.HasSuffix(holder, mine()) }
