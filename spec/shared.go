// SPDX-License-Identifier: Apache-2.0

package spec

import "time"

// Shared asks for a Compose project that several processes use: those of the
// packages of a go test ./..., and of the next go test.
type Shared struct {
	// Name is part of the names on the engine, of messages and of artifacts, for
	// people to read. Two names also mean two projects. Empty means "shared".
	Name string

	// Project is the project. All tests that give an equal one, with the same files
	// and images, share it. Ready and TimeLimit are not compared: they apply to
	// each test by itself.
	Project Project

	// Warm is how long the project stays unused, for the next test. Zero means 10
	// minutes; the maximum is 24 hours.
	Warm time.Duration
}
