// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"errors"
	"time"
)

// SteadyCondition is the condition that [Steady] makes.
type SteadyCondition struct{ Condition Condition }

// Steady is a condition that one life of the container does not fulfil for the next:
// if the engine has started the container again by itself, it must run for two seconds
// since its last start, as with [Ready], and the condition hold in that life. One that
// ends again and again may fulfil a condition in each of its lives. A container that
// was not started again is not held up.
//
// The verbs of package seatrial that wait for a Ready of their spec do it so.
func Steady(c Condition) SteadyCondition { return SteadyCondition{c} }

func (c SteadyCondition) String() string { return c.Condition.String() }
func (c SteadyCondition) check() error   { return Check(c.Condition) }

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

// lateSince has an error that is the end of time tell how long the whole wait took.
func lateSince(ctx context.Context, err error, began time.Time) error {
	var late *timeoutError
	if errors.As(err, &late) && isTimeUp(ctx, err) {
		return timeUp(ctx, late.last, began)
	}
	return err
}
