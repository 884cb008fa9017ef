// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"flag"
	"regexp"
	"testing"
	"time"

	"github.com/seatrial/seatrial/internal/report"
)

// due is a test that must be over at a time.
type due struct {
	*testing.T
	end time.Time
}

func (d due) Deadline() (time.Time, bool) { return d.end, !d.end.IsZero() }

// Whose limit it is that ends a verb is what its context says.
func TestLimitSaysWhoSetIt(t *testing.T) {
	t.Parallel()
	flag := regexp.QuoteMeta(flag.Lookup("test.timeout").Value.String())
	for _, test := range []struct {
		about          string
		left           time.Duration // of the test; 0 is no end
		most, standard time.Duration
		by, err        string
	}{
		{"default", 0, 0, time.Minute, "the default limit of 1m", ""},
		{"the test's own", 0, 90 * time.Minute, time.Minute, "the TimeLimit of 1h30m", ""},
		{"it fits", time.Hour, 2 * time.Second, time.Minute, "the TimeLimit of 2s", ""},
		{"the deadline", time.Minute, 0, time.Hour, `the test's deadline( \(go test -timeout ` + flag + `\))?`, ""},
		{"the deadline leaves enough", time.Hour, 0, time.Minute, "the default limit of 1m", ""},
		{"negative", 0, -time.Second, time.Minute, "", `TimeLimit \(-1s\) is negative`},
		{"too long", 10 * time.Minute, 20 * time.Minute, time.Minute, "", `TimeLimit \(20m\) exceeds the (9m|8m\d+s) left before the test's deadline( \(go test -timeout ` + flag + `\))?\n    hint: go test -timeout moves it; .*`},
	} {
		on := due{T: t}
		if test.left > 0 {
			on.end = time.Now().Add(test.left)
		}
		ctx, cancel, err := Limit(on, test.most, test.standard)
		by, said := "", ""
		if err != nil {
			said = err.Error()
		} else {
			defer cancel()
			if ctx.Err() != nil {
				t.Errorf("%s: it is over before it begins", test.about)
			}
			var b *report.Bound
			if _, b, err = Span(on, test.most, test.standard); err == nil {
				by = b.Limit()
			}
		}
		if !regexp.MustCompile("^(?:"+test.by+")$").MatchString(by) || !regexp.MustCompile("^(?:"+test.err+")$").MatchString(said) {
			t.Errorf("%s: the limit is %q, want %q; the error is %q, want %q", test.about, by, test.by, said, test.err)
		}
	}
}

// A context whose time is up says by which limit, and is as late as any other.
func TestLimitIsUp(t *testing.T) {
	t.Parallel()
	ctx, cancel, err := Limit(t, time.Millisecond, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer cancel()
	<-ctx.Done()
	if by := report.By(ctx); by != " (the TimeLimit of 1ms)" || !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		t.Errorf("the limit is %q (%v)", by, context.Cause(ctx))
	}
	if err := CutOff(ctx, context.DeadlineExceeded); err.Error() != "context deadline exceeded (time is up (the TimeLimit of 1ms); does the engine answer?)" {
		t.Errorf("cut off: %v", err)
	}
}
