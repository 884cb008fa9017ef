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
	Count   int    // how many lines must match, at least; less than 1 means 1
}

// Log is the condition that a line of the log matches a regular expression
// (package regexp's syntax). Both streams count, but only since the container's last
// start, so that after a restart an old line does not pass for a new one. A line
// counts when it is complete: Docker's logging drivers do not pass on a prompt without
// a newline. If the logging driver keeps no log, the wait ends at once.
func Log(pattern string) LogCondition { return LogCondition{Pattern: pattern} }

// Times returns the condition that at least n lines match.
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

func (c LogCondition) goal() goal {
	what := fmt.Sprintf(" %q", c.Pattern)
	switch {
	case c.Count == 2:
		what += " twice"
	case c.Count > 2:
		what += fmt.Sprintf(" %d times", c.Count)
	}
	return goal{do: "log" + what, doing: "logging" + what}
}

func (c LogCondition) until(ctx context.Context, t Target) error {
	return loop(ctx, t, &logWatcher{re: regexp.MustCompile(c.Pattern), like: newClosest(c.Pattern), want: max(c.Count, 1)})
}

// Only whole lines are matched: Docker's logging drivers hold back a line without
// its newline until the program ends.
const (
	unendedHint = "a line is matched when it has ended, which a prompt does not"
	promptHint  = "a line is matched when it has ended: a prompt is kept back by the engine until then"
)

// prompt matches patterns that look like a prompt, after which programs print no
// newline.
var prompt = regexp.MustCompile(`[:>#]\)?( |\\s|[*?$])*$`)

type logWatcher struct {
	told
	re         *regexp.Regexp
	like       *closest
	want       int
	life       string
	read, hits int
}

func (w *logWatcher) look(_ context.Context, t Target, s State) (bool, sight, error) {
	if w.life != s.StartID {
		w.life, w.read, w.hits = s.StartID, 0, 0
		w.like.line, w.like.score = "", 0
	}
	lines, next, complete := t.Lines(s.StartID, w.read)
	for _, line := range lines {
		if w.re.MatchString(line) {
			w.hits++
		} else {
			w.like.add(line)
		}
	}
	w.read = next
	if w.hits >= w.want {
		return true, sight{}, nil
	}
	if why := t.Unread(); why != "" {
		return false, sight{}, &finalError{sight{what: why, hint: "without the driver, or with another one, the engine keeps what is printed"}}
	}
	now := sight{what: w.found()}
	if begun := t.Begun(); len(begun) > 0 {
		now.what += fmt.Sprintf(", and %q, a line that has not ended", abridged(begun[len(begun)-1]))
		now.hint = unendedHint
	} else if prompt.MatchString(w.re.String()) {
		now.hint = promptHint
	}
	if s.Ended() && complete {
		return false, now, &ExitError{State: s}
	}
	return false, now, nil
}

// found says how many lines matched, or which one came closest.
func (w *logWatcher) found() string {
	lines := fmt.Sprintf("%d lines", w.read)
	if w.read == 1 {
		lines = "1 line"
	}
	switch {
	case w.hits > 0:
		return fmt.Sprintf("%d of %d matches in %s", w.hits, w.want, lines)
	case w.read == 0:
		return "nothing logged"
	case w.like.line != "":
		return fmt.Sprintf("no match in %s; closest: %q", lines, abridged(w.like.line))
	}
	return "no match in " + lines
}
