// SPDX-License-Identifier: Apache-2.0

// Package lease chooses what copies of a project must not have in common: port numbers and
// ranges of addresses that nobody else on an engine has leased, and names that only one may
// have at a time.
//
// A [Board] chooses, and is pure: what others hold, and what is in use, it is told. [Locks]
// and [Numbers] read the board from the engine, and put up what was chosen; a [Holding] is
// what a project has from its first revision to its end.
//
// A lease hangs on the engine itself, as an object with a label that says what it is. So it
// counts for everybody who uses the engine, whatever machine, user or container they work in,
// and whoever removes a dead process's objects frees its leases.
//
// It promises that of two who choose at once one gives way, and that locks are taken all at
// once or not at all. It takes nothing from anybody who lives, and does not know what a number
// is for.
package lease
