// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/sweep"
)

// find returns the project that others started, or nil if there is none that can
// be used. The caller has its lock.
func (v *Environment) find(ctx context.Context, sess *session.Session, say session.Progress) (*compose.Project, error) {
	all, err := sweep.Assess(ctx, sess.Engine, v.run)
	if err != nil {
		return nil, err
	}
	record := ready(all, v.key)
	if record == nil {
		return nil, nil
	}
	users, member := 0, (*sweep.Found)(nil)
	for i, f := range all {
		switch {
		case f.Tuple.Scope != record.Tuple.Scope:
		case f.Kind == owner.Use && f.Verdict == owner.Living:
			users++
		case f.Kind == owner.Container && f.Labels[engine.ComposeProject] != "":
			member = &all[i]
		}
	}
	clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), session.EndLimit)
	defer cancel()
	if member == nil {
		return nil, v.discard(clean, sess, all)
	}
	v.session = sess.For(v.Name, member.Tuple)
	if err := v.noteUse(ctx, sess); err != nil {
		return nil, err
	}
	p := compose.New(v.session, member.Labels[engine.ComposeProject], v.spec.Project, v.Plan)
	err = v.attach(ctx, p, record, users > 0)
	if err == nil {
		sess.Artifacts.Note("project %s found, of process %d", p.Name, member.Tuple.Process.PID)
		return p, v.KeepWarm(ctx)
	}
	p.Detach()
	if users > 0 {
		v.forget(clean)
		return nil, fmt.Errorf("using what %d others share: %w", users, err)
	}
	sess.Artifacts.Note("project %s, which nobody uses, is removed: %v", p.Name, err)
	say("starting %s anew, since the one that was kept warm is not as it was: %v", v.Name, err)
	return nil, v.discard(clean, sess, all)
}

// attachLimit bounds the wait for what was ready before.
const attachLimit = time.Minute

// attach makes the handle of a project that is there, and waits until it is ready.
func (v *Environment) attach(ctx context.Context, p *compose.Project, record *sweep.Found, others bool) (err error) {
	left := attachLimit
	if end, ok := ctx.Deadline(); ok {
		left = min(left, time.Until(end)/2)
	}
	ctx, cancel := context.WithTimeout(ctx, left)
	defer cancel()
	if err := p.Listen(ctx); err != nil {
		return err
	}
	v.fine = atoi(record.Labels[owner.LabelRunning])
	if now := p.CountFine(ctx); now < v.fine && !others { // a test may be restarting one
		return fmt.Errorf("%d of its containers run, of %d", now, v.fine)
	}
	return p.Join(ctx)
}

// discard removes what is there of the environment, and nobody uses.
func (v *Environment) discard(ctx context.Context, sess *session.Session, all []sweep.Found) error {
	var ours []sweep.Found
	for _, f := range all {
		if f.Verdict != owner.NotOurs {
			ours = append(ours, f)
		}
	}
	if v.session != nil {
		v.forget(ctx)
	}
	return sweep.Clear(ctx, sess.Engine, ours, nil)
}

// ready returns the record that says that a project is ready.
func ready(all []sweep.Found, key string) *sweep.Found {
	var last *sweep.Found
	for i, f := range all {
		if f.Kind == owner.Record && f.Labels[owner.LabelKey] == key && (last == nil || f.Tuple.Until.After(last.Tuple.Until)) {
			last = &all[i]
		}
	}
	return last
}

func dead(all []sweep.Found) []sweep.Found {
	var dead []sweep.Found
	for _, f := range all {
		if f.Verdict == owner.Dead {
			dead = append(dead, f)
		}
	}
	return dead
}
