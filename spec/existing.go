// SPDX-License-Identifier: Apache-2.0

package spec

// Existing names something that was there before the test. Only Name must be
// given.
type Existing struct {
	// Name is its name or id on the engine.
	Name string

	// As is what messages call it, and the names of its files. Empty means Name.
	As string

	// Owned says that it goes with the test, as if the test had made it. If the
	// test is killed it stays nevertheless: only what seatrial made carries the
	// labels by which it is found. Without Owned it is never removed.
	Owned bool
}
