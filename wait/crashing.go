// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"context"
	"fmt"
	"time"
)

// A crashError is the cause of an [*Error] when the engine restarts the container
// again and again. It is an [*ExitError], too.
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

// Services often fail until those they depend on are up. One that still ends this often
// after that is in a crash loop. A service that never waited for another one gets a few
// attempts more, as it may depend on something outside. No service gets more than the
// last number: with Docker's pauses that takes over a minute and a half.
const (
	crashLoops = 2
	aloneLoops = 4
	mostStarts = 10
)

const (
	// If the dependencies of a target are not known, they get this long.
	needsTime = 10 * time.Second
	// A life this long is not part of a crash loop: the engine, too, resets its
	// pause after it.
	longLife = 10 * time.Second
)

// crashes counts the restarts of a target during a wait.
type crashes struct {
	looked bool
	before int       // restarts before the wait
	first  time.Time // when it was first seen to have crashed
	waited bool      // dependencies were seen to be on their way
	alone  int       // restarts before all dependencies were up; -1 until then
	last   State     // after the last crash
}

// look returns an error if the target is in a crash loop. Its sight describes the
// crashes, if there are any: they say more than what was seen of the condition.
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

// inLoop reports whether the target crashes although its dependencies are up.
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
