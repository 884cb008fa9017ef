// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package dockerd

import (
	"context"
	"fmt"
	"runtime"
)

type first struct{}

var errNotLinux = fmt.Errorf("it needs Linux, and this is %s", runtime.GOOS)

// Possible returns why engines can't be started here: they need Linux.
func Possible(string) error { return errNotLinux }

// Start fails: engines need Linux.
func (e *Engine) Start(context.Context) error {
	return fmt.Errorf("starting a private engine: %w", errNotLinux)
}

// Kill and Stop have nothing to end.
func (e *Engine) Kill() error { return nil }
func (e *Engine) Stop() error { return nil }

// A rack has engines, of which there are none.
func (r *Rack) Start(context.Context) error                     { return errNotLinux }
func (r *Rack) Stop() error                                     { return nil }
func (r *Rack) Cut(context.Context, *Engine, *Engine) error     { return errNotLinux }
func (r *Rack) Mend(context.Context, *Engine) error             { return errNotLinux }
func (r *Rack) Disturb(context.Context, *Engine, Trouble) error { return errNotLinux }
