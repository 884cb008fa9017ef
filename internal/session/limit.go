// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"flag"
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
// cleaning up. A busy machine needs some seconds for that, however short the test is.
func reserve(left time.Duration) time.Duration { return min(max(left/10, 10*time.Second), left/2) }

// Limit returns a context for one verb: it ends with the test, after the limit,
// and before the test's deadline. Its cause, a [report.Bound], says which of them it was. That the
// deadline leaves less time than the default limit is no error; that it leaves less than a
// limit that the caller asked for is one.
func Limit(t T, most, standard time.Duration) (context.Context, context.CancelFunc, error) {
	span, bound, err := Span(t, most, standard)
	if err != nil {
		return nil, nil, err
	}
	ctx := t.Context()
	if TestOf(t).Context().Err() != nil { // in a cleanup function of the test, where its context has ended
		ctx = context.WithoutCancel(ctx)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, span, bound)
	return ctx, cancel, nil
}

// Span returns how long a verb may take, and by which limit.
func Span(t T, most, standard time.Duration) (time.Duration, *report.Bound, error) {
	span, name := standard, "the default limit of "+shown(standard)
	if most != 0 {
		span, name = most, "the TimeLimit of "+shown(most)
	}
	if span < 0 {
		return 0, nil, fmt.Errorf("TimeLimit (%v) is negative", most)
	}
	if most > 0 {
		if err := Fits(t, "TimeLimit", most); err != nil {
			return 0, nil, err
		}
	}
	if left, ok := Remaining(t); ok && left < span {
		name = "the test's deadline"
		if f := timeoutFlag(); f != "" {
			name += ", " + f
		}
		return left, &report.Bound{Name: name, For: rounded(left), Hint: "go test -timeout moves it; a part of it is kept for the end of the test"}, nil
	}
	return span, &report.Bound{Name: name, For: span}, nil
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

// rounded rounds what nobody has given, and the clock has come to.
func rounded(d time.Duration) time.Duration {
	if d > 10*time.Second {
		return d.Round(time.Second)
	}
	return d.Round(10 * time.Millisecond)
}

// timeoutFlag is what go test was told about the test's deadline, if anything.
func timeoutFlag() string {
	if f := flag.Lookup("test.timeout"); f != nil && f.Value.String() != "0s" {
		return "go test -timeout " + f.Value.String()
	}
	return ""
}

// shown shows how long something takes, as people write it: 20m, 1h30m, 4.2s.
func shown(d time.Duration) string {
	if d > 10*time.Second {
		d = d.Round(time.Second)
	}
	text := d.Round(time.Millisecond).String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// Fits returns an error if a limit that the author of a test gave reaches past its end.
func Fits(t T, whose string, most time.Duration) error {
	if left, ok := Remaining(t); ok && left < most {
		by := timeoutFlag()
		if by != "" {
			by = " (" + by + ")"
		}
		return fmt.Errorf("%s (%s) exceeds the %s left before the test's deadline%s\n    hint: go test -timeout moves it; what the end of the test needs is not counted as left", whose, shown(most), shown(left), by)
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

// atEnd bounds a part of the end of a test: by a limit, and by a part of the time until the
// process is ended, which would take along what the test has to say. Two seconds it has.
func atEnd(t T, most time.Duration, part time.Duration) time.Duration {
	if end, ok := deadline(t); ok {
		return min(most, max(time.Until(end)/part, 2*time.Second))
	}
	return most
}

// CutOff says why something was cut off, where the error does not.
func CutOff(ctx context.Context, err error) error {
	var said *wait.Error
	var command *engine.CutOffError
	var ours *report.CommandError
	var request *url.Error
	var bound *report.Bound
	var told interface{ SaysLimit() } // which has named it
	switch {
	case ctx.Err() == nil || errors.As(err, &told) || errors.As(err, &said) || errors.As(err, &command) || errors.As(err, &ours):
		return err
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%w (the test ended meanwhile)", err)
	case errors.As(err, &request) && errors.Is(err, context.DeadlineExceeded):
		return report.Reworded(strings.Replace(err.Error(), request.Error(), "the engine did not answer before time was up"+report.By(ctx), 1), err)
	case errors.Is(err, context.DeadlineExceeded):
		by := ""
		if errors.As(context.Cause(ctx), &bound) {
			by = ": " + bound.Name
		}
		first, below, _ := strings.Cut(err.Error(), "\n")
		if below != "" {
			below = "\n" + below
		}
		return fmt.Errorf("%s (time is up%s; does the engine answer?)%s%w%w", first, by, below, report.Silent(err), report.Silent(context.Cause(ctx)))
	}
	return err
}
