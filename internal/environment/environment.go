// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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

// How long an environment stays without a user: if nobody says, and at most.
const (
	WarmStandard = 10 * time.Minute
	WarmMost     = 24 * time.Hour
)

// An Environment is a project that processes share, as this one sees it.
type Environment struct {
	Name string

	spec    spec.Shared
	warm    time.Duration
	key     string
	run     string
	Plan    *tailor.Plan
	session *session.Session // whose labels its objects have
	Project *compose.Project
	fine    int // containers that run, or have done what they were for

	keeping sync.Mutex // held by KeepWarm

	noted  string    // of this process: that it uses it
	record string    // until when it is kept
	until  time.Time // on our clock
}

var environments struct {
	sync.Mutex
	of map[string]*Environment
}

// Of returns what is described: in a process the same one, also if the
// files change meanwhile.
func Of(on *session.Handle, s spec.Shared) (*Environment, error) {
	if s.Warm < 0 || s.Warm > WarmMost {
		return nil, fmt.Errorf("sharing a project: Warm is %v: it must be between 0, which means %v, and %v", s.Warm, WarmStandard, WarmMost)
	}
	if on != nil && on.Temporary {
		return nil, errors.New("sharing a project: its engine goes with this process\n    hint: Share shares within it")
	}
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
		environments.of = map[string]*Environment{}
	}
	v := environments.of[key]
	if v == nil {
		v = &Environment{Name: s.Name, spec: s, warm: cmp.Or(s.Warm, WarmStandard)}
		environments.of[key] = v
	}
	return v, nil
}

// Meets waits until the services of the project meet the conditions that one of its users has.
func (v *Environment) Meets(ctx context.Context, p spec.Project) error {
	if err := compose.CheckReady(p, v.Plan); err != nil {
		return err
	}
	return v.Project.Meets(ctx, p.Ready)
}

// Provide starts the project, or finds it.
func (v *Environment) Provide(ctx context.Context, sess *session.Session, say session.Progress) error {
	asked := time.Now()
	key, plan, err := keyOf(ctx, sess, v.Name, v.spec.Project, say)
	if err != nil {
		return err
	}
	v.key, v.run, v.Plan = fmt.Sprintf("%x", key), owner.SharedRun(key), plan
	session.TellWatchdog(func(d *watchdog.Client) { d.Shared(v.run) })
	release, err := sweep.LockShared(ctx, v.run, "starting "+v.Name, func(holder string) {
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
	v.Project, err = v.find(ctx, sess, say)
	if v.Project == nil && err == nil {
		v.Project, err = v.start(ctx, sess, say)
		if err != nil && (ctx.Err() == nil || time.Since(asked) > compose.UpLimit) { // else it is this user's time that was up
			writeFailed(v.run, sess.Artifacts.Redact(err.Error()), sess.Artifacts.Path())
		}
	}
	if err != nil {
		return err
	}
	v.Project.Common = true
	sess.Track(session.Resource{Evidence: v.Project.Evidence, Detach: v.Project.Detach, Handle: v.Project}) // it stays when the test's process ends
	return nil
}

// start starts the project. The caller has its lock.
func (v *Environment) start(ctx context.Context, sess *session.Session, say session.Progress) (*compose.Project, error) {
	if len(v.spec.Project.Reach) > 0 {
		return nil, errors.New("its Reach leads to servers of one process, and several share the project\n    hint: Share has one for the tests of a process")
	}
	all, err := sweep.Assess(ctx, sess.Engine, v.run)
	if err != nil {
		return nil, err
	}
	if err := sweep.Clear(ctx, sess.Engine, dead(all), nil); err != nil {
		return nil, fmt.Errorf("removing what is left of it: %w", err)
	}
	v.session = sess.For(v.Name, sess.Owner)
	v.session.Owner.Run, v.session.Owner.Test, v.session.Owner.Scope = v.run, v.Name, owner.NewSharedScope()
	if err := v.noteUse(ctx, sess); err != nil {
		return nil, err
	}
	v.makeRoom(ctx, sess)
	p, err := compose.UpPlan(ctx, v.session, v.Plan, say)
	if err == nil {
		v.fine = p.CountFine(ctx)
		if now, _, err := keyOf(ctx, sess, v.Name, v.spec.Project, say); err != nil || fmt.Sprintf("%x", now) != v.key {
			sess.Artifacts.Note("its files or images changed while it started: others start their own")
			v.key = ""
		}
		err = v.KeepWarm(ctx)
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
func (v *Environment) makeRoom(ctx context.Context, sess *session.Session) {
	if len(v.Plan.Leases.Locks) == 0 && len(v.Plan.Spec.KeepPorts) == 0 {
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
		if f.Tuple.Shared() && f.Tuple.Environment() == 0 && f.Verdict != owner.NotOurs && f.Tuple.Test == v.Name && f.Tuple.Run != v.run && !used[f.Tuple.Scope] {
			idle = append(idle, f)
		}
	}
	if err := sweep.Remove(ctx, sess.Engine, idle, nil); err != nil {
		sess.Artifacts.Note("removing what was kept warm of %s: %v", v.Name, err)
	}
}
