// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package engine

import (
	"errors"
	"net/netip"
)

// listeners knows nothing where containers run in another machine.
func listeners(*processes, string, int, string) ([]netip.AddrPort, []int, error) {
	return nil, nil, errors.ErrUnsupported
}
