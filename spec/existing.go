// SPDX-License-Identifier: Apache-2.0

package spec

// Existing names something that existed before the test. Only Name must be given.
type Existing struct {
	// Name is its name or id on the engine.
	Name string

	// As is its name in messages, and that of its files. Empty means Name.
	As string

	// Owned removes it at the end of the test, as if the test had made it. After a
	// test that was killed it stays nevertheless: only objects that seatrial made
	// have the labels by which they are found. Without Owned it is never removed.
	Owned bool
}
