// SPDX-License-Identifier: Apache-2.0

//go:build !linux

// Package private runs the tests of a package on an engine of their own. There can
// be none here: they run on the one that the environment names.
package private

import "github.com/seatrial/seatrial/internal/enginetest"

// Main is [enginetest.Main].
func Main(m interface{ Run() int }) int { return enginetest.Main(m) }
