// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/sweep"
	"github.com/seatrial/seatrial/internal/watchdog"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor"
)

// Shared returns a Compose project that other tests use, too: those of this
// process, of the other packages of a go test ./..., and of the next one. The
// first that asks starts it, and the others wait.
//
//	app := seatrial.Shared(t, spec.Shared{Project: spec.Project{Files: []string{"../deploy/compose.yaml"}}})
//
// Those who share it give the same spec.Shared.Project, and have the same files
// (also what the services mount or are built from) and images: with a changed file
// the next process gets another project, and the old one goes when its time is
// over. They are processes of one user on one machine.
//
// It lives while a process uses it, then for spec.Shared.Warm after its last
// test. The death of a process takes nothing along, not even of the one that
// started it. Afterwards it is removed by the watchdog of one that used it, by the
// next test that uses seatrial, or by seatrial gc.
//
// If it cannot be started, all that wait for it are told why, and so are, for two
// minutes, those of the same go test that ask later. A test that fails has what
// the project's containers logged since it first asked among its artifacts.
//
// Tests must stay out of each other's way in it: a database or a prefix for each,
// made with [Name], say. One that stops a container stops it for all.
func Shared(t T, s spec.Shared) *Project {
	t.Helper()
	return standard.Shared(t, s)
}

// Shared is the function [Shared], on this engine.
func (e *Engine) Shared(t T, s spec.Shared) *Project {
	t.Helper()
	if s.Warm < 0 || s.Warm > warmMost {
		fail(t, fmt.Errorf("sharing a project: Warm is %v: it must be between 0, which means %v, and %v", s.Warm, warmStandard, warmMost))
	}
	if e != nil && e.of().Temporary {
		fail(t, errors.New("sharing a project: its engine goes with this process\n    hint: Share shares within it"))
	}
	p := environmentOf(e.of(), s)
	p.use(t, func(t T) {
		t.Helper()
		do(t, e.of(), s.Project.TimeLimit, 2*compose.UpLimit, func(ctx context.Context, sess *session.Session) (_ struct{}, err error) {
			say := session.ProgressOf(t)
			return struct{}{}, p.provide(ctx, sess, func(format string, args ...any) {
				p.does(fmt.Sprintf(format, args...))
				say(format, args...)
			})
		})
	})
	if len(s.Project.Ready) > 0 {
		do(t, e.of(), s.Project.TimeLimit, compose.UpLimit+ownLimit(t, slices.Collect(maps.Values(s.Project.Ready))...), func(ctx context.Context, _ *session.Session) (_ struct{}, err error) {
			if err := compose.CheckReady(s.Project, p.plan); err != nil {
				return struct{}{}, err
			}
			return struct{}{}, p.project.Meets(ctx, s.Project.Ready)
		})
	}
	return projectOf(p.project)
}

const (
	warmStandard = 10 * time.Minute
	warmMost     = 24 * time.Hour
)

// An environment is a project that processes share, as this one sees it.
type environment struct {
	*shared
	spec    spec.Shared
	warm    time.Duration
	key     string
	run     string
	plan    *tailor.Plan
	session *session.Session // whose labels its objects have
	project *compose.Project
	fine    int // containers that run, or have done what they were for

	keeping sync.Mutex // held by keepWarm

	noted  string    // of this process: that it uses it
	record string    // until when it is kept
	until  time.Time // on our clock
}

var environments struct {
	sync.Mutex
	of map[string]*environment
}

// environmentOf returns what is described: in a process the same one, also if the
// files change meanwhile.
func environmentOf(on *session.Handle, s spec.Shared) *environment {
	s.Name = cmp.Or(s.Name, "shared")
	s.Project.Ready, s.Project.TimeLimit = nil, 0 // each user's own
	s.Project.Files = slices.Clone(s.Project.Files)
	for i, file := range s.Project.Files { // a test may change the directory
		if abs, err := filepath.Abs(file); err == nil {
			s.Project.Files[i] = abs
		}
	}
	key := fmt.Sprintf("%p %#v", on, s)
	environments.Lock()
	defer environments.Unlock()
	if environments.of == nil {
		environments.of = map[string]*environment{}
	}
	v := environments.of[key]
	if v == nil {
		v = &environment{shared: newShared(s.Name), spec: s, warm: cmp.Or(s.Warm, warmStandard)}
		v.unused = func(ctx context.Context) { _ = v.keepWarm(ctx) }
		environments.of[key] = v
	}
	return v
}

// provide starts the project, or finds it.
func (v *environment) provide(ctx context.Context, sess *session.Session, say session.Progress) error {
	asked := time.Now()
	key, plan, err := sharedKey(ctx, sess, v.name, v.spec.Project, say)
	if err != nil {
		return err
	}
	v.key, v.run, v.plan = fmt.Sprintf("%x", key), owner.SharedRun(key), plan
	session.TellWatchdog(func(d *watchdog.Client) { d.Shared(v.run) })
	release, err := sweep.LockShared(ctx, v.run, "starting "+v.name, func(holder string) {
		sess.Artifacts.Note("waiting for another process that is %s", holder)
		say("waiting for another process that is %s", holder)
	})
	if err != nil && ctx.Err() == nil { // as where there is no place for locks
		sess.Artifacts.Note("without a lock: %v", err)
		release, err = func() {}, nil
	}
	if err != nil {
		return err
	}
	defer release()
	if err := readFailed(v.run, asked); err != nil {
		return err
	}
	v.project, err = v.find(ctx, sess, say)
	if v.project == nil && err == nil {
		v.project, err = v.start(ctx, sess, say)
		if err != nil && (ctx.Err() == nil || time.Since(asked) > compose.UpLimit) { // else it is this user's time that was up
			writeFailed(v.run, sess.Artifacts.Redact(err.Error()), sess.Artifacts.Path())
		}
	}
	if err != nil {
		return err
	}
	v.project.Common = true
	sess.Track(session.Resource{Evidence: v.project.Evidence, Detach: v.project.Detach, Handle: v.project}) // it stays when the test's process ends
	return nil
}

// start starts the project. The caller has its lock.
func (v *environment) start(ctx context.Context, sess *session.Session, say session.Progress) (*compose.Project, error) {
	all, err := sweep.Assess(ctx, sess.Engine, v.run)
	if err != nil {
		return nil, err
	}
	if err := sweep.Clear(ctx, sess.Engine, dead(all), nil); err != nil {
		return nil, fmt.Errorf("removing what is left of it: %w", err)
	}
	v.session = sess.For(v.name, sess.Owner)
	v.session.Owner.Run, v.session.Owner.Test, v.session.Owner.Scope = v.run, v.name, owner.NewSharedScope()
	if err := v.noteUse(ctx, sess); err != nil {
		return nil, err
	}
	v.makeRoom(ctx, sess)
	p, err := compose.UpPlan(ctx, v.session, v.spec.Project, v.plan, say)
	if err == nil {
		v.fine = p.CountFine(ctx)
		if now, _, err := sharedKey(ctx, sess, v.name, v.spec.Project, say); err != nil || fmt.Sprintf("%x", now) != v.key {
			sess.Artifacts.Note("its files or images changed while it started: others start their own")
			v.key = ""
		}
		err = v.keepWarm(ctx)
	}
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), session.EndLimit)
	defer cancel()
	if err != nil {
		_ = v.session.Evidence(clean, sess.Artifacts.Dir)
	}
	// What was made on the way goes; or all of it.
	v.session.Forget(func(r *session.Resource) bool { return err == nil && p.Has(r) })
	_ = v.session.RemoveAll(clean)
	if err != nil {
		v.forget(clean)
		return nil, err
	}
	return p, nil
}

// makeRoom removes what was started from an earlier version of the same, and
// nobody uses, if this one wants what only one can have.
func (v *environment) makeRoom(ctx context.Context, sess *session.Session) {
	if len(v.plan.Leases.Locks) == 0 && len(v.spec.Project.KeepPorts) == 0 {
		return
	}
	all, err := sweep.Assess(ctx, sess.Engine, "")
	if err != nil {
		return // then it stays warm
	}
	used := map[string]bool{}
	for _, f := range all {
		if f.Kind == owner.Use && f.Verdict == owner.Living {
			used[f.Tuple.Scope] = true
		}
	}
	var idle []sweep.Found
	for _, f := range all {
		if f.Tuple.Shared() && f.Verdict != owner.NotOurs && f.Tuple.Test == v.name && f.Tuple.Run != v.run && !used[f.Tuple.Scope] {
			idle = append(idle, f)
		}
	}
	if err := sweep.Remove(ctx, sess.Engine, idle, nil); err != nil {
		sess.Artifacts.Note("removing what was kept warm of %s: %v", v.name, err)
	}
}
