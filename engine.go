// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/seatrial/seatrial/internal/image"
	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// An Engine is a Docker engine that tests talk to. The functions of this package
// talk to the one that the environment names, and the methods of an Engine to
// that one. It is safe for concurrent use.
type Engine struct {
	handle *session.Handle
}

// standard is the engine that the environment names.
var standard = &Engine{session.Standard}

// engines has the Engine of each handle.
var engines sync.Map

// On returns the engine that is described: the same one for the same
// description. Nothing is asked of it before the first verb, which fails the
// test if it does not answer.
func On(s spec.Engine) *Engine {
	h := session.HandleOf(s)
	e, _ := engines.LoadOrStore(h, &Engine{h})
	return e.(*Engine)
}

// of returns the handle of an engine; nil is that of none.
func (e *Engine) of() *session.Handle {
	switch {
	case e == nil:
		return nil
	case e.handle == nil:
		return &session.Handle{}
	}
	return e.handle
}

// do does a verb that makes something for a test on an engine, and fails the
// test if it fails. The test does not end before it.
func do[X any](t T, on *session.Handle, most, standard time.Duration, do func(context.Context, *session.Session) (X, error)) X {
	t.Helper()
	sc, done := begin(t, on)
	defer done()
	ctx, cancel, err := sc.Limit(t, most, standard)
	if err != nil {
		fail(t, err)
	}
	defer cancel()
	made, err := do(ctx, sc)
	sc.TellSaid(t)
	if err != nil {
		fail(t, session.CutOff(ctx, err))
	}
	return made
}

// Build is the function [Build], on this engine.
func (e *Engine) Build(t T, s spec.Image) *Image {
	t.Helper()
	return do(t, e.of(), s.TimeLimit, image.BuildLimit, func(ctx context.Context, sc *session.Session) (*Image, error) {
		return imageHandle(image.Build(ctx, sc, s, session.ProgressOf(t)))
	})
}

// Up is the function [Up], on this engine.
func (e *Engine) Up(t T, s spec.Project) *Project {
	t.Helper()
	return do(t, e.of(), s.TimeLimit, upLimit+ownLimit(t, slices.Collect(maps.Values(s.Ready))...), func(ctx context.Context, sc *session.Session) (*Project, error) {
		return upProject(ctx, sc, s, session.ProgressOf(t))
	})
}

const loadLimit = 10 * time.Minute

// Load copies an image of the test to this engine, under the same reference, and
// returns the handle of the copy. If the engine has it already, nothing is sent.
// The copy outlives the test, as a built image does.
func (e *Engine) Load(t T, i *Image) *Image {
	t.Helper()
	sc, done := begin(t, e.of())
	defer done()
	ctx, cancel, err := sc.Limit(t, 0, loadLimit)
	if err != nil {
		fail(t, err)
	}
	defer cancel()
	began := time.Now()
	if i == nil || i.image == nil {
		fail(t, errors.New("loading an image: it is none that Build or Load returned"))
	}
	if err := sc.Engine.Load(ctx, i.image.Engine, i.Ref); err != nil {
		fail(t, fmt.Errorf("loading image %s into the engine %s: %w", i.Ref, sc.Engine.Host(), err))
	}
	id, err := image.MarkUsed(ctx, sc, i.Ref)
	if id == "" && err == nil { // one that was not built
		id, err = sc.Engine.ImageID(ctx, i.Ref)
	}
	if err != nil {
		fail(t, fmt.Errorf("loading image %s into the engine %s: %w", i.Ref, sc.Engine.Host(), err))
	}
	sc.Artifacts.Note("image %s loaded into the engine %s, in %v", i.Ref, sc.Engine.Host(), time.Since(began).Round(time.Millisecond))
	loaded, _ := imageHandle(&image.Image{Ref: i.Ref, ID: id, Engine: sc.Engine}, nil)
	return loaded
}
