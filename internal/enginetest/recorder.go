// SPDX-License-Identifier: Apache-2.0

package enginetest

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Recorder is a test that may fail: it keeps what was said.
type Recorder struct {
	name     string
	ctx      context.Context
	cancel   context.CancelFunc
	deadline time.Time

	mu       sync.Mutex
	failed   bool
	errs     []string
	logs     []string
	cleanups []func()
}

// Record calls f with a test of its own, cleans up after it, and returns what
// was recorded. The deadline may be zero: none.
func Record(name string, deadline time.Time, f func(r *Recorder)) *Recorder {
	r := &Recorder{name: name, deadline: deadline}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	r.inGoroutine(func() { f(r) })
	r.cancel()
	r.CleanUp()
	return r
}

// CleanUp does what was given to Cleanup. Record has done so; what a goroutine gave it after
// that, on a slow machine, is left.
func (r *Recorder) CleanUp() {
	for {
		r.mu.Lock()
		last := len(r.cleanups) - 1
		if last < 0 {
			r.mu.Unlock()
			return
		}
		cleanup := r.cleanups[last]
		r.cleanups = r.cleanups[:last]
		r.mu.Unlock()
		r.inGoroutine(cleanup)
	}
}

// inGoroutine calls f where FailNow may end the goroutine.
func (r *Recorder) inGoroutine(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	<-done
}

// Errors returns what was said by Errorf.
func (r *Recorder) Errors() string { return r.said(&r.errs) }

// Logs returns what was said by Logf.
func (r *Recorder) Logs() string { return r.said(&r.logs) }

func (r *Recorder) said(what *[]string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(slices.Clone(*what), "\n")
}

func (r *Recorder) add(what *[]string, format string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*what = append(*what, fmt.Sprintf(format, args...))
}

func (r *Recorder) Name() string             { return r.name }
func (r *Recorder) Helper()                  {}
func (r *Recorder) Context() context.Context { return r.ctx }

func (r *Recorder) Deadline() (time.Time, bool) { return r.deadline, !r.deadline.IsZero() }

func (r *Recorder) Logf(format string, args ...any) { r.add(&r.logs, format, args) }

func (r *Recorder) Errorf(format string, args ...any) {
	r.add(&r.errs, format, args)
	r.mu.Lock()
	r.failed = true
	r.mu.Unlock()
}

func (r *Recorder) FailNow() {
	r.mu.Lock()
	r.failed = true
	r.mu.Unlock()
	runtime.Goexit()
}

func (r *Recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *Recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

// Discard has the artifacts of a recorded test that failed removed at the end of t: they would
// stay for days.
func (r *Recorder) Discard(t interface{ Cleanup(func()) }) {
	if _, dir, ok := strings.Cut(r.Logs(), "artifacts: "); ok {
		dir, _, _ = strings.Cut(dir, "\n")
		t.Cleanup(func() { os.RemoveAll(dir) })
	}
}
