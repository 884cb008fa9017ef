// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/compose"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/watchdog"
	"github.com/seatrial/seatrial/tailor"
)

// StayPassing is how long an environment stays that goes with a process, if that and its
// watchdog die together. The process notes its use much more often.
const StayPassing = 10 * time.Minute

// NewName returns a name for one of several environments of a place.
func NewName(at checkout.Place) string {
	name, id := at.Name(), owner.NewID()
	return name[:min(len(name), 40-1-len(id))] + "-" + id
}

// sharedName is the name of the environment which all share who want the very same: the same
// files, with the same in them, the same images, and the same said about them.
func sharedName(ctx context.Context, on *session.Handle, at checkout.Place, o Options, say session.Progress) (string, error) {
	sess, err := session.Lasting(ctx, on, at.Name(), o.Artifacts, say)
	if err != nil {
		return "", err
	}
	defer sess.Leave()
	p := o.Project
	p.Files, p.Dir, p.StablePorts, p.Ready = at.Files, at.Dir, true, nil
	var key []byte
	var plan *tailor.Plan
	if o.Stack {
		if err := sess.RequireManager(ctx); err != nil {
			return "", err
		}
		key, plan, err = keyOfStack(ctx, sess, at.Name(), StackOf(p, o.Constraints), say)
	} else {
		p.Answers, p.CopyMounts = besides(at.Files), p.CopyMounts || o.Copies
		key, plan, err = keyOf(ctx, sess, at.Name(), p, say)
	}
	if err == nil {
		p.Ready = o.Project.Ready
		err = compose.CheckReady(p, plan)
	}
	if err != nil {
		return "", err
	}
	id := fmt.Sprintf("%x", key)[:8]
	name := at.Name()
	return name[:min(len(name), 40-1-len(id))] + "-" + id, nil
}

// Evidence writes down what there is to see of an environment that this process holds, logs
// and states, and says in a line each what became of its containers since they were ready.
func (r *Result) Evidence(ctx context.Context) (fates []string, err error) {
	for _, line := range r.sess.Fates(ctx, false) {
		fates = append(fates, r.sess.Artifacts.Redact(line))
	}
	return fates, r.sess.Evidence(ctx, r.sess.Artifacts.Dir)
}

// Leave ends what an environment that this process holds was for: one that passes is removed,
// with its data, or stays for a time after its last use, as any other. One that was attached
// is left as it is.
func (r *Result) Leave(ctx context.Context, on *session.Handle, stay time.Duration, say session.Progress) error {
	r.sess.Leave()
	if r.attached {
		return nil
	}
	if err := r.endOrKeep(ctx, on, stay, say); err != nil {
		return err
	}
	session.TellWatchdog(func(d *watchdog.Client) { d.Stays(r.Tuple.Run) })
	return nil
}

func (r *Result) endOrKeep(ctx context.Context, on *session.Handle, stay time.Duration, say session.Progress) error {
	if stay == 0 { // also what is left of one that somebody has removed
		return Down(ctx, on, r.Named, true, say)
	}
	e, err := on.Connect(ctx)
	if err != nil {
		return err
	}
	is, err := Get(ctx, e, r.Name)
	if err == nil && is == nil {
		err = fmt.Errorf("environment %s was removed meanwhile", r.Name)
	}
	if err != nil {
		return err
	}
	return is.Keep(ctx, e, stay)
}
