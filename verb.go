// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/seatrial/seatrial/internal/container"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/wait"
)

// fail ends the test with an error.
func fail(t T, err error) {
	t.Helper()
	t.Errorf("%v", session.Redacted(t, typed(err))) // as an argument, so that Try finds it
	session.NoteFailure(t, err)
	t.FailNow()
}

// limit is session.Limit, and fails the test if the limit does not fit.
func limit(t T, most, standard time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel, err := session.Limit(t, most, standard)
	if err != nil {
		fail(t, err)
	}
	return ctx, cancel
}

// ownLimit is session.OwnLimit, and fails the test at once if the limit does not fit.
func ownLimit(t T, conditions ...wait.Condition) time.Duration {
	t.Helper()
	own, err := session.OwnLimit(t, conditions...)
	if err != nil {
		fail(t, err)
	}
	return own
}

// ownLimits is ownLimit, for the conditions of services.
func ownLimits(t T, ready map[string]wait.Condition) time.Duration {
	t.Helper()
	return ownLimit(t, slices.Collect(maps.Values(ready))...)
}

// begin returns the session of a test on an engine, for a verb that makes
// something; the test's end waits until the verb calls done. It fails the test if
// there is no engine.
func begin(t T, on *session.Handle) (s *session.Session, done func()) {
	t.Helper()
	s, done, err := session.Open(t, on)
	if err != nil {
		fail(t, err)
	}
	return s, done
}

// do runs a verb that makes something for a test on an engine, and fails the test
// if the verb fails. The test's end waits for it.
func do[X any](t T, on *session.Handle, most, standard time.Duration, do func(context.Context, *session.Session) (X, error)) X {
	t.Helper()
	sess, done := begin(t, on)
	defer done()
	ctx, cancel, err := sess.Limit(t, most, standard)
	if err != nil {
		fail(t, err)
	}
	defer cancel()
	made, err := do(ctx, sess)
	sess.TellSaid(t)
	if err != nil {
		fail(t, report.Hinted(session.CutOff(ctx, err)))
	}
	return made
}

// tell is do, for a verb that reports its progress.
func tell[X any](t T, on *session.Handle, most, standard time.Duration, f func(context.Context, *session.Session, session.Progress) (X, error)) X {
	t.Helper()
	return do(t, on, most, standard, func(ctx context.Context, sess *session.Session) (made X, err error) {
		t.Helper()
		session.WithProgress(t, func(say session.Progress) { made, err = f(ctx, sess, say) })
		return made, err
	})
}

// change changes what is there, says how far it is, and fails the test if it fails.
func change(t T, sess *session.Session, most, standard time.Duration, f func(context.Context, session.Progress) error) {
	t.Helper()
	ctx, cancel := limit(t, most, standard)
	defer cancel()
	var err error
	session.WithProgress(t, func(say session.Progress) { err = f(ctx, say) })
	sess.TellSaid(t)
	if err != nil {
		fail(t, report.Hinted(session.CutOff(ctx, err)))
	}
}

// act does something that takes no longer than a start, and fails the test if it fails.
func act(t T, do func(context.Context) error) {
	t.Helper()
	ctx, cancel := limit(t, 0, container.RunLimit)
	defer cancel()
	if err := do(ctx); err != nil {
		fail(t, err)
	}
}

// ask is act, for a question that has an answer.
func ask[X any](t T, do func(context.Context) (X, error)) (answer X) {
	t.Helper()
	act(t, func(ctx context.Context) (err error) {
		answer, err = do(ctx)
		return err
	})
	return answer
}
