// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package engine

import (
	"errors"
	"net"
)

func (e *Engine) listenBeside(string) (net.Listener, error) { return nil, errors.ErrUnsupported }
