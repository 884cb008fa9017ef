// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"fmt"
	"time"
)

// A crashError is the cause of an [*Error] when the container ends again and again,
// and the engine starts it again each time. It is an [*ExitError], too.
type crashError struct{ *ExitError }

func (e *crashError) Unwrap() error { return e.ExitError }

func (e *crashError) Error() string {
	word := "crashing"
	if e.State.ExitCode == 0 {
		word = "ending"
	}
	text := fmt.Sprintf("keeps %s (exit code %d, %d restarts)", word, e.State.ExitCode, e.State.Restarts)
	if e.Said != "" {
		text += ": " + e.Said
	}
	return text
}

// Services often end until others that they need are there. One that ends so often
// once they are does not get there. Where nothing else was ever on its way it may try
// a few times more, for what is outside; and, whatever is, so many times: with Docker's
// pauses that takes more than a minute and a half.
const (
	crashLoops = 2
	aloneLoops = 4
	mostStarts = 10
)

const (
	// Where nobody knows what a target may need, that is given this time.
	needsTime = 10 * time.Second
	// A life this long is no crash on the way up: the engine, too, begins to count
	// its pauses anew then.
	longLife = 10 * time.Second
)

// crashes counts how often a target was started again while it is waited for.
type crashes struct {
	looked bool
	before int       // restarts before the wait
	first  time.Time // when it was first seen to have crashed
	waited bool      // something else was seen to be on its way
	alone  int       // restarts before those that count; -1 while something is
	last   State     // after its last crash
}

// look returns why the target will not get there, if it ends again and again; and
// what was seen of that, which says more than what was seen of the condition.
func (c *crashes) look(ctx context.Context, t Target, s State, now sight) (sight, error) {
	if !c.looked || s.Restarts < c.before { // or somebody else started it
		*c = crashes{looked: true, before: s.Restarts, alone: -1}
	}
	crashed := s.Status == "restarting"
	switch {
	case s.Restarts == 0 || s.Ended() || s.Health == "healthy":
		return now, nil
	case !crashed && !s.Since.IsZero() && time.Since(s.Since) > longLife:
		*c = crashes{looked: true, before: s.Restarts, alone: -1}
		return now, nil
	}
	if c.first.IsZero() {
		c.first = time.Now()
	}
	if crashed {
		c.last = s
	}
	loop := &crashError{&ExitError{State: c.last, Said: t.ErrorLine(ctx, "")}}
	loop.State.Restarts = s.Restarts
	if s.Restarts-c.before >= mostStarts || crashed && c.inLoop(ctx, t, s) {
		return sight{}, loop
	}
	if s.Restarts >= crashLoops && c.last.Status != "" {
		now = sight{what: "that it " + loop.Error()}
	}
	return now, nil
}

// inLoop reports whether the target crashes though nothing that it may need is on its
// way.
func (c *crashes) inLoop(ctx context.Context, t Target, s State) bool {
	alone, known := t.Alone(ctx)
	switch {
	case !known:
		return s.Restarts-c.before >= aloneLoops && time.Since(c.first) >= needsTime
	case !alone:
		c.alone, c.waited = -1, true
	case c.alone < 0 && c.waited: // it may have crashed before
		c.alone = s.Restarts
	case c.alone < 0:
		c.alone = c.before + aloneLoops - crashLoops
	}
	return alone && s.Restarts-c.alone >= crashLoops
}
