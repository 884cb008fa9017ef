// SPDX-License-Identifier: Apache-2.0

package seatrial

import (
	"sync"

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
