// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"context"
	"fmt"
	"time"

	"github.com/seatrial/seatrial/internal/checkout"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/internal/watchdog"
)

// StayPassing is how long an environment stays that goes with a process, if that and its
// watchdog die together. The process notes its use much more often.
const StayPassing = 10 * time.Minute

// NewName returns a name for one of several environments of a place.
func NewName(at checkout.Place) string {
	name, id := at.Name(), owner.NewID()
	return name[:min(len(name), 40-1-len(id))] + "-" + id
}

// Evidence writes down what there is to see of an environment that passes: logs, states.
func (r *Result) Evidence(ctx context.Context) error {
	return r.sess.Evidence(ctx, r.sess.Artifacts.Dir)
}

// Leave ends what an environment that passes was for: it is removed, with its data, or stays
// for a time after its last use, as any other.
func (r *Result) Leave(ctx context.Context, on *session.Handle, stay time.Duration, say session.Progress) error {
	r.sess.Leave()
	e, err := on.Connect(ctx)
	if err != nil {
		return err
	}
	is, err := Get(ctx, e, r.Name)
	if err == nil && is != nil && stay > 0 {
		err = is.Keep(ctx, e, stay)
	} else if err == nil && is != nil {
		err = Down(ctx, on, is, true, say)
	} else if err == nil && stay > 0 {
		err = fmt.Errorf("environment %s was removed meanwhile", r.Name)
	} else if err == nil {
		err = forget(ctx, on, r.Name)
	}
	if err != nil {
		return err
	}
	session.TellWatchdog(func(d *watchdog.Client) { d.Stays(r.Tuple.Run) })
	return nil
}
