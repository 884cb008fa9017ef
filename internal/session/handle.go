// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/report"
)

// A Handle is an engine that tests talk to: found when somebody needs it, with what is
// known of it. It is safe for concurrent use.
type Handle struct {
	Temporary bool // it goes with this process

	shared sync.Map // what the packages above share about it: see PerEngine

	connect func(context.Context) (*engine.Engine, error)
	users   int // sessions that may have something there; the lock is that of process

	mu    sync.Mutex
	found *engine.Engine // nil until somebody needs it
	err   error          // why it was not found
	again time.Time      // when to look again

	asking sync.Mutex     // an engine may take long to answer, and mu is for all verbs
	ahead  *time.Duration // how far its clock is ahead of ours; nil until somebody asks
	facts  *engine.Facts  // nil until somebody asks
}

// PerEngine returns the one X that the tests of this process share about an engine: a type of
// the package that asks, whose zero value is ready for use.
func PerEngine[X any](h *Handle) *X {
	its, _ := h.shared.LoadOrStore((*X)(nil), new(X))
	return its.(*X)
}

// Connect returns the connection to the engine. A
// failure is not remembered: the next verb may have more luck.
func (h *Handle) Connect(ctx context.Context) (*engine.Engine, error) {
	if h == nil {
		return nil, errors.New("there is no engine: On, or swarmtest.StartEngine, returns one")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.found != nil && h.found.Gone() {
		return nil, fmt.Errorf("the engine %s was stopped", h.found.Host())
	}
	if h.found != nil {
		return h.found, nil
	}
	if time.Now().Before(h.again) { // tests in parallel do not all wait for the same time-out
		return nil, h.err
	}
	if h.connect == nil {
		return nil, errors.New("the zero Engine is not an engine; On returns one")
	}
	began := time.Now()
	h.found, h.err = h.connect(ctx)
	if h.err != nil {
		h.found, h.again = nil, time.Now().Add(time.Since(began)+100*time.Millisecond)
	}
	return h.found, h.err
}

// Clock returns how far the engine's clock is ahead of ours.
func (h *Handle) Clock(ctx context.Context) (time.Duration, error) {
	found, err := h.Connect(ctx)
	if err != nil {
		return 0, err
	}
	h.asking.Lock()
	defer h.asking.Unlock()
	if h.ahead == nil {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		err := h.askFacts(ctx, found) // the same answer tells the time, and a container's session needs both
		var now time.Time
		if err == nil {
			now, err = found.Now(ctx)
		}
		if errors.Is(err, context.DeadlineExceeded) {
			return 0, fmt.Errorf("the engine %s does not tell the time%w\n    hint: as a manager of a swarm it answers no question when it has lost most of the others", found.Host(), report.Silent(err))
		}
		if err != nil {
			return 0, fmt.Errorf("asking the engine %s for the time: %w", found.Host(), err)
		}
		ahead := time.Until(now)
		h.ahead = &ahead
	}
	return *h.ahead, nil
}

// Facts returns what does not change about the engine.
func (h *Handle) Facts(ctx context.Context) (engine.Facts, error) {
	found, err := h.Connect(ctx)
	if err != nil {
		return engine.Facts{}, err
	}
	h.asking.Lock()
	defer h.asking.Unlock()
	if err := h.askFacts(ctx, found); err != nil {
		return engine.Facts{}, fmt.Errorf("asking the engine %s what it is: %w", found.Host(), err)
	}
	return *h.facts, nil
}

// askFacts asks for them once. The lock asking is held.
func (h *Handle) askFacts(ctx context.Context, found *engine.Engine) error {
	if h.facts != nil {
		return nil
	}
	facts, err := found.Facts(ctx)
	if err == nil {
		h.facts = &facts
	}
	return err
}

// Platform is what the engine runs by itself: linux/amd64.
func (h *Handle) Platform(ctx context.Context) (string, error) {
	facts, err := h.Facts(ctx)
	return facts.Platform, err
}

// Identity tells engines apart, whatever way leads to them.
func (h *Handle) Identity(ctx context.Context) (string, error) {
	facts, err := h.Facts(ctx)
	return facts.ID, err
}
