// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/wait"
)

// reserve is how much of the time that a test has left is kept for its end: for
// ending the docker command that is at work, for saving the evidence, and for
// cleaning up.
func reserve(left time.Duration) time.Duration { return min(max(left/10, 5*time.Second), left/2) }

// Limit returns a context for one verb: it ends with the test, after the limit,
// and before the test's deadline. What the deadline cuts off is cut off silently,
// unless the limit is one that the caller asked for: then it is an error that there is
// less time.
func Limit(t T, most, standard time.Duration) (context.Context, context.CancelFunc, error) {
	if most < 0 {
		return nil, nil, fmt.Errorf("TimeLimit is %v, which is less than nothing", most)
	}
	if most > 0 {
		if err := Fits(t, "TimeLimit", most); err != nil {
			return nil, nil, err
		}
		standard = most
	}
	ctx := t.Context()
	if TestOf(t).Context().Err() != nil { // in a cleanup function of the test, where its context has ended
		ctx = context.WithoutCancel(ctx)
	}
	if left, ok := Remaining(t); ok {
		standard = min(standard, left)
	}
	ctx, cancel := context.WithTimeout(ctx, standard)
	return ctx, cancel, nil
}

// Limit is the function [Limit], for a verb of this session: it ends with the session,
// too, when the context of the test has ended long ago.
func (s *Session) Limit(t T, most, standard time.Duration) (context.Context, context.CancelFunc, error) {
	ctx, cancel, err := Limit(t, most, standard)
	if err != nil {
		return nil, nil, err
	}
	ctx, cut := context.WithCancelCause(ctx)
	stop := context.AfterFunc(s.ending, func() { cut(ErrEnded) })
	return ctx, func() {
		stop()
		cut(nil)
		cancel()
	}, nil
}

// ErrEnded is why what goroutines of a test still do is cut off.
var ErrEnded = errors.New("the test has ended")

// Fits returns an error if a limit that the author of a test gave reaches past its end.
func Fits(t T, whose string, most time.Duration) error {
	if left, ok := Remaining(t); ok && left < most {
		return fmt.Errorf("a %s of %v does not fit: the test has %v left, and keeps some of it for its end\n    hint: go test -timeout gives it more", whose, most, left.Round(time.Millisecond))
	}
	return nil
}

// Remaining returns how much time a test has left, less what is kept for its end, if it
// says when it must be over.
func Remaining(t T) (time.Duration, bool) {
	end, ok := deadline(t)
	left := time.Until(end)
	return max(left-reserve(left), 0), ok
}

// CutOff says why something was cut off, where the error does not.
func CutOff(ctx context.Context, err error) error {
	var said *wait.Error
	var command *engine.CutOffError
	var ours *report.CommandError
	var request *url.Error
	switch {
	case ctx.Err() == nil || errors.As(err, &said) || errors.As(err, &command) || errors.As(err, &ours):
		return err
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%w (the test ended meanwhile)", err)
	case errors.As(err, &request) && errors.Is(err, context.DeadlineExceeded):
		return report.Reworded(strings.Replace(err.Error(), request.Error(), "the engine did not answer before time was up", 1), err)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w (time was up; does the engine answer?)", err)
	}
	return err
}
