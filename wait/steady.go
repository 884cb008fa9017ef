// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"time"
)

// SteadyCondition is the condition that [Steady] makes.
type SteadyCondition struct{ Condition Condition }

// Steady is the condition that c holds and that the container stays up: if the engine
// has restarted the container, it must have run for two seconds since then, as with
// [Ready], and c must hold for that run. Otherwise a container in a crash loop could
// fulfil c in each of its runs. A container that was not restarted is not delayed.
//
// The verbs of package seatrial apply it to the Ready condition of their spec.
func Steady(c Condition) SteadyCondition { return SteadyCondition{c} }

func (c SteadyCondition) String() string { return c.Condition.String() }
func (c SteadyCondition) check() error   { return checkInner(c.Condition) }

func (c SteadyCondition) goal() goal { return c.Condition.goal() }

func (c SteadyCondition) until(ctx context.Context, t Target) error {
	began := time.Now()
	for {
		before, err := t.State(ctx)
		if err != nil {
			return err
		}
		if err := c.Condition.until(ctx, t); err != nil {
			return lateSince(ctx, err, began)
		}
		now, err := t.Fresh(ctx)
		if err != nil || now.Restarts == 0 || now.Ended() {
			return err
		}
		if err := loop(ctx, t, &readyWatcher{ReadyCondition: ReadyCondition{AtOnce: true}}); err != nil {
			return lateSince(ctx, err, began)
		}
		after, err := t.Fresh(ctx)
		if err != nil || after.StartID == before.StartID {
			return err
		}
	}
}

// lateSince makes a time-out error report how long the whole wait took.
func lateSince(ctx context.Context, err error, began time.Time) error {
	var late *timeoutError
	if errors.As(err, &late) && isTimeUp(ctx, err) {
		return timeUp(ctx, late.last, began)
	}
	return err
}
