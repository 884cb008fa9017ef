// SPDX-License-Identifier: Apache-2.0

package spec

import "time"

// Shared asks for a Compose project that several processes use: the packages of a
// go test ./..., and the next one.
type Shared struct {
	// Name is for people: part of the names on the engine, of messages and of
	// artifacts. It is part of the key, too: two names are two projects. Empty
	// means "shared".
	Name string

	// Project is the project. Whoever gives the same, with the same files and
	// images, shares it. Its Ready and TimeLimit are each user's own.
	Project Project

	// Warm is for how long it stays when nobody uses it, for the next one. Zero
	// means 10 minutes; 24 hours is the most.
	Warm time.Duration
}
