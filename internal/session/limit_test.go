// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"regexp"
	"strings"
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
		{"the deadline", time.Minute, 0, time.Hour, `the test's deadline(, go test -timeout ` + flag + `)?`, ""},
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
				if b.For%(10*time.Millisecond) != 0 && b.For > 10*time.Millisecond {
					t.Errorf("%s: the limit is told as %v", test.about, b.For)
				}
				if (b.Hint != "") != strings.Contains(by, "deadline") {
					t.Errorf("%s: the hint is %q", test.about, b.Hint)
				}
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
	err = CutOff(ctx, fmt.Errorf("looking: %w\n    last lines of web (1 of 1):\n    | x", context.DeadlineExceeded))
	if want := "looking: context deadline exceeded (time is up: the TimeLimit of 1ms; does the engine answer?)\n    last lines of web (1 of 1):\n    | x"; err.Error() != want || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cut off: %v\nwant %s", err, want)
	}
	said := fmt.Errorf("starting a project: %w", limitSaid{context.Cause(ctx)})
	if err := CutOff(ctx, said); err != said {
		t.Errorf("cut off: %v; which limit it was is said already", err)
	}
}

// In a cleanup function the context of the test has ended, and verbs work all the same.
func TestLimitInCleanup(t *testing.T) {
	t.Parallel()
	t.Run("test", func(t *testing.T) {
		t.Cleanup(func() {
			if t.Context().Err() == nil {
				t.Error("the context of the test has not ended")
			}
			for about, limit := range map[string]func(T, time.Duration, time.Duration) (context.Context, context.CancelFunc, error){
				"of a test": Limit, "of a session": (&Session{ending: context.Background()}).Limit,
			} {
				ctx, cancel, err := limit(t, 0, time.Minute)
				if err != nil {
					t.Fatal(err)
				}
				defer cancel()
				if _, limited := ctx.Deadline(); ctx.Err() != nil || !limited {
					t.Errorf("%s: it is over before it begins (%v), or has no limit", about, ctx.Err())
				}
			}
		})
	})
}

// limitSaid is an error that names the limit.
type limitSaid struct{ error }

func (limitSaid) SaysLimit()      {}
func (e limitSaid) Unwrap() error { return e.error }

// What a test keeps of its time for its end is a tenth, some seconds at least, and never
// more than half; saving what there is to see gets a part of that alone.
func TestReserve(t *testing.T) {
	t.Parallel()
	for left, want := range map[time.Duration]time.Duration{
		6 * time.Second: 3 * time.Second, 20 * time.Second: 10 * time.Second, time.Minute: 10 * time.Second, 10 * time.Minute: time.Minute,
	} {
		if got := reserve(left); got != want {
			t.Errorf("of %v it keeps %v, want %v", left, got, want)
		}
	}
	for left, want := range map[time.Duration]time.Duration{0: SaveLimit, 3 * time.Second: 2 * time.Second, 10 * time.Second: 5 * time.Second, time.Hour: SaveLimit} {
		on := due{T: t}
		if left > 0 {
			on.end = time.Now().Add(left)
		}
		if got := atEnd(on, SaveLimit, 2); got.Round(time.Second) != want {
			t.Errorf("with %v left saving may take %v, want %v", left, got, want)
		}
	}
}
