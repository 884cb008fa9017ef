// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"fmt"
	"regexp"
)

// LogCondition is the condition that [Log] makes.
type LogCondition struct {
	Pattern string // regular expression, matched line by line
	Count   int    // how many lines must match; less than 1 means 1
}

// Log is the condition that a line of the log matches a regular expression
// (package regexp's syntax). Both streams count. Only what the container
// printed since its last start counts, so that after a restart an old line does
// not pass for a new one.
// What no logging driver keeps cannot be waited for: the wait ends at once then.
func Log(pattern string) LogCondition { return LogCondition{Pattern: pattern} }

// Times returns the condition that n lines match.
func (c LogCondition) Times(n int) LogCondition { c.Count = n; return c }

func (c LogCondition) String() string {
	if c.Count > 1 {
		return fmt.Sprintf("log %q, %d times", c.Pattern, c.Count)
	}
	return fmt.Sprintf("log %q", c.Pattern)
}

func (c LogCondition) check() error {
	_, err := regexp.Compile(c.Pattern)
	return err
}

func (c LogCondition) until(ctx context.Context, t Target) error {
	return loop(ctx, t, &logWatcher{re: regexp.MustCompile(c.Pattern), want: max(c.Count, 1)})
}

type logWatcher struct {
	told
	re         *regexp.Regexp
	want       int
	life       string
	read, hits int
}

func (w *logWatcher) look(_ context.Context, t Target, s State) (bool, sight, error) {
	if w.life != s.StartID {
		w.life, w.read, w.hits = s.StartID, 0, 0
	}
	lines, next, complete := t.Lines(s.StartID, w.read)
	for _, line := range lines {
		if w.re.MatchString(line) {
			w.hits++
		}
	}
	w.read = next
	if w.hits >= w.want {
		return true, sight{}, nil
	}
	if why := t.Unread(); why != "" {
		return false, sight{}, &finalError{sight{why, "without the driver, or with another one, the engine keeps what is printed"}}
	}
	now := saw("%d matching among %d lines", w.hits, w.read)
	if w.read == 0 {
		now = saw("nothing logged")
	}
	if s.Ended() && complete {
		return false, now, &ExitError{State: s}
	}
	return false, now, nil
}
