// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package dockerd

import (
	"context"
	"fmt"
	"runtime"
)

type first struct{}

// Start fails: engines need Linux.
func (e *Engine) Start(context.Context) error {
	return fmt.Errorf("starting a private engine: it needs Linux, and this is %s", runtime.GOOS)
}

// Stop has nothing to stop.
func (e *Engine) Stop() error { return nil }
