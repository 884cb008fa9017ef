// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/push"
	"github.com/seatrial/seatrial/internal/report"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// An Engine is a Docker engine that tests talk to. The functions of this package
// talk to the one that the environment names, and the methods of an Engine to
// that one. It is safe for concurrent use.
type Engine struct {
	connect   func(context.Context) (*engine.Engine, error)
	temporary bool

	mu    sync.Mutex
	found *engine.Engine // nil until somebody needs it
	err   error          // why it was not found
	again time.Time      // when to look again
	users int            // sessions that may have something there

	asking sync.Mutex     // an engine may take long to answer, and mu is for all verbs
	ahead  *time.Duration // how far its clock is ahead of ours; nil until somebody asks
	facts  *engine.Facts  // nil until somebody asks

	// A swarm gives the addresses of a network that is removed to the next one at once,
	// while nodes still have the network, and they reject the tasks of the next one: it
	// is written while networks go, and read while others are made.
	addresses sync.RWMutex

	trimming sync.Once // of built images
	pushed   push.Record
}

// standard is the engine that the environment names. It does not change under a
// test's feet.
var standard = &Engine{connect: func(ctx context.Context) (*engine.Engine, error) {
	return engine.Find(ctx, caller)
}}

var others struct {
	sync.Mutex
	engines map[spec.Engine]*Engine
}

// On returns the engine that is described: the same one for the same
// description. Nothing is asked of it before the first verb, which fails the
// test if it does not answer.
func On(s spec.Engine) *Engine {
	others.Lock()
	defer others.Unlock()
	e := others.engines[s]
	if e == nil {
		e = &Engine{temporary: s.Temporary, connect: func(ctx context.Context) (*engine.Engine, error) {
			return engine.At(ctx, engine.Named{Host: s.Host, Certs: s.Certs, Address: s.Address}, caller)
		}}
		if others.engines == nil {
			others.engines = map[spec.Engine]*Engine{}
		}
		others.engines[s] = e
	}
	return e
}

// engine returns the connection to the engine. A
// failure is not remembered: the next verb may have more luck.
func (e *Engine) engine(ctx context.Context) (*engine.Engine, error) {
	if e == nil {
		return nil, errors.New("there is no engine: On, or swarmtest.StartEngine, returns one")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.found != nil && e.found.Gone() {
		return nil, fmt.Errorf("the engine %s was stopped", e.found.Host())
	}
	if e.found != nil {
		return e.found, nil
	}
	if time.Now().Before(e.again) { // tests in parallel do not all wait for the same time-out
		return nil, e.err
	}
	if e.connect == nil {
		return nil, errors.New("the zero Engine is none: On returns one")
	}
	began := time.Now()
	e.found, e.err = e.connect(ctx)
	if e.err != nil {
		e.found, e.again = nil, time.Now().Add(time.Since(began)+100*time.Millisecond)
	}
	return e.found, e.err
}

// clock returns how far the engine's clock is ahead of ours.
func (e *Engine) clock(ctx context.Context) (time.Duration, error) {
	found, err := e.engine(ctx)
	if err != nil {
		return 0, err
	}
	e.asking.Lock()
	defer e.asking.Unlock()
	if e.ahead == nil {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		now, err := found.Now(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			return 0, fmt.Errorf("the engine %s does not tell the time%w\n    hint: as a manager of a swarm it answers no question when it has lost most of the others", found.Host(), report.Silent(err))
		}
		if err != nil {
			return 0, fmt.Errorf("asking the engine %s for the time: %w", found.Host(), err)
		}
		ahead := time.Until(now)
		e.ahead = &ahead
	}
	return *e.ahead, nil
}

// known returns what does not change about the engine.
func (e *Engine) known(ctx context.Context) (engine.Facts, error) {
	found, err := e.engine(ctx)
	if err != nil {
		return engine.Facts{}, err
	}
	e.asking.Lock()
	defer e.asking.Unlock()
	if e.facts == nil {
		facts, err := found.Facts(ctx)
		if err != nil {
			return engine.Facts{}, fmt.Errorf("asking the engine %s what it is: %w", found.Host(), err)
		}
		e.facts = &facts
	}
	return *e.facts, nil
}

// platform is what the engine runs by itself: linux/amd64.
func (e *Engine) platform(ctx context.Context) (string, error) {
	facts, err := e.known(ctx)
	return facts.Platform, err
}

// identity tells engines apart, whatever way leads to them.
func (e *Engine) identity(ctx context.Context) (string, error) {
	facts, err := e.known(ctx)
	return facts.ID, err
}

// do does a verb that makes something for a test on an engine, and fails the
// test if it fails. The test does not end before it.
func do[X any](t T, e *Engine, most, standard time.Duration, do func(context.Context, *session) (X, error)) X {
	t.Helper()
	sc, done := begin(t, e)
	defer done()
	ctx, cancel := sc.limit(t, most, standard)
	defer cancel()
	made, err := do(ctx, sc)
	sc.logSaid(t)
	if err != nil {
		fail(t, cutOff(ctx, err))
	}
	return made
}

// Build is the function [Build], on this engine.
func (e *Engine) Build(t T, s spec.Image) *Image {
	t.Helper()
	return do(t, e, s.TimeLimit, buildLimit, func(ctx context.Context, sc *session) (*Image, error) { return buildImage(ctx, sc, s, progressOf(t)) })
}

// Run is the function [Run], on this engine.
func (e *Engine) Run(t T, s spec.Container) *Container {
	t.Helper()
	return do(t, e, s.TimeLimit, runLimit+ownLimit(t, s.Ready), func(ctx context.Context, sc *session) (*Container, error) {
		return runContainer(ctx, sc, s, progressOf(t))
	})
}

// RunToEnd is the function [RunToEnd], on this engine.
func (e *Engine) RunToEnd(t T, s spec.Container) *Result {
	t.Helper()
	return do(t, e, s.TimeLimit, runLimit, func(ctx context.Context, sc *session) (*Result, error) { return runToEnd(ctx, sc, s, progressOf(t)) })
}

// WrapContainer is the function [WrapContainer], on this engine.
func (e *Engine) WrapContainer(t T, s spec.Existing) *Container {
	t.Helper()
	return do(t, e, 0, createLimit, func(ctx context.Context, sc *session) (*Container, error) { return wrapContainer(ctx, sc, s) })
}

// Up is the function [Up], on this engine.
func (e *Engine) Up(t T, s spec.Project) *Project {
	t.Helper()
	return do(t, e, s.TimeLimit, upLimit+ownLimit(t, slices.Collect(maps.Values(s.Ready))...), func(ctx context.Context, sc *session) (*Project, error) { return upProject(ctx, sc, s, progressOf(t)) })
}

// cutOff says why something was cut off, where the error does not.
func cutOff(ctx context.Context, err error) error {
	var said *wait.Error
	var command *engine.CutOffError
	var ours *CommandError
	var request *url.Error
	switch {
	case ctx.Err() == nil || errors.As(err, &said) || errors.As(err, &command) || errors.As(err, &ours):
		return err
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%w (the test ended meanwhile)", err)
	case errors.As(err, &request) && errors.Is(err, context.DeadlineExceeded):
		return &cutOffError{strings.Replace(err.Error(), request.Error(), "the engine did not answer before time was up", 1), err}
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w (time was up; does the engine answer?)", err)
	}
	return err
}

const loadLimit = 10 * time.Minute

// Load copies an image of the test to this engine, under the same reference, and
// returns the handle of the copy. If the engine has it already, nothing is sent.
// The copy outlives the test, as a built image does.
func (e *Engine) Load(t T, i *Image) *Image {
	t.Helper()
	sc, done := begin(t, e)
	defer done()
	ctx, cancel := sc.limit(t, 0, loadLimit)
	defer cancel()
	began := time.Now()
	if i == nil || i.engine == nil {
		fail(t, errors.New("loading an image: it is none that Build or Load returned"))
	}
	if err := sc.engine.Load(ctx, i.engine, i.Ref); err != nil {
		fail(t, fmt.Errorf("loading image %s into the engine %s: %w", i.Ref, sc.engine.Host(), err))
	}
	id, err := markUsed(ctx, sc, i.Ref)
	if id == "" && err == nil { // one that was not built
		id, err = sc.engine.ImageID(ctx, i.Ref)
	}
	if err != nil {
		fail(t, fmt.Errorf("loading image %s into the engine %s: %w", i.Ref, sc.engine.Host(), err))
	}
	sc.dir.Note("image %s loaded into the engine %s, in %v", i.Ref, sc.engine.Host(), time.Since(began).Round(time.Millisecond))
	return &Image{Ref: i.Ref, ID: id, engine: sc.engine}
}
