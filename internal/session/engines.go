// SPDX-License-Identifier: Apache-2.0

package session

import (
	"context"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/spec"
)

// Standard is the engine that the environment names. It does not change under a
// test's feet.
var Standard = &Handle{connect: func(ctx context.Context) (*engine.Engine, error) {
	return engine.Find(ctx, caller)
}}

// HandleOf returns the engine that is described: the same one for the same
// description. Nothing is asked of it yet.
func HandleOf(s spec.Engine) *Handle {
	process.engines.Lock()
	defer process.engines.Unlock()
	h := process.engines.of[s]
	if h == nil {
		h = &Handle{Temporary: s.Temporary, connect: func(ctx context.Context) (*engine.Engine, error) {
			return engine.At(ctx, engine.Named{Host: s.Host, Certs: s.Certs, Address: s.Address}, caller)
		}}
		process.engines.of[s] = h
	}
	return h
}

// HandleAt returns the engine at an address, which a test has under the same one.
func HandleAt(named engine.Named) *Handle {
	process.engines.Lock()
	for s, h := range process.engines.of {
		if s.Host == named.Host && s.Address == named.Address {
			process.engines.Unlock()
			return h
		}
	}
	process.engines.Unlock()
	return HandleOf(spec.Engine{Host: named.Host, Certs: named.Certs, Address: named.Address})
}
