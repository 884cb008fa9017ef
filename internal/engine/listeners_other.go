// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package engine

import (
	"errors"
	"net/netip"
)

func sixOnly(int, string) []int { return nil }

// listeners knows nothing where containers run in another machine.
func listeners(*processes, string, int, string) ([]netip.AddrPort, error) {
	return nil, errors.ErrUnsupported
}
