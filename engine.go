// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"sync"

	"github.com/seatrial/seatrial/internal/session"
	"github.com/seatrial/seatrial/spec"
)

// An Engine is a Docker engine that tests talk to. The functions of this package talk
// to the engine that the environment names; the methods of an Engine do the same on
// that engine. It is safe for concurrent use.
type Engine struct {
	handle *session.Handle
}

// standard is the engine that the environment names.
var standard = &Engine{session.Standard}

// engines maps a handle to its Engine.
var engines sync.Map

// On returns the engine that a spec describes, the same Engine for the same spec.
// It does not connect: the first verb does, and fails the test if the engine does
// not answer.
func On(s spec.Engine) *Engine {
	h := session.HandleOf(s)
	e, _ := engines.LoadOrStore(h, &Engine{h})
	return e.(*Engine)
}

// of returns the handle of an engine, nil for a nil Engine.
func (e *Engine) of() *session.Handle {
	switch {
	case e == nil:
		return nil
	case e.handle == nil:
		return &session.Handle{}
	}
	return e.handle
}
