// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package engine

import (
	"errors"
	"net"
)

func (*publishing) listenBeside(string) (net.Listener, error) { return nil, errors.ErrUnsupported }
