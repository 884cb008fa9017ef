// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package private

import "github.com/seatrial/seatrial/internal/enginetest"

// Main is [enginetest.Main].
func Main(m interface{ Run() int }) int { return enginetest.Main(m) }
