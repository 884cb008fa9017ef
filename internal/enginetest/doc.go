// SPDX-License-Identifier: Apache-2.0

// Package enginetest is what the tests of this project share: the engine that they need, the
// program that their containers run (the probe), an engine that is none (Fake) or lies
// (faults), a test that may fail (Recorder), and what is left on the engine afterwards.
//
// It promises that a test which needs what is not there is skipped, or, where
// SEATRIAL_REQUIRE=1 says so, fails: a green CI is never an empty one. It looks at the engine
// by its own means, not by those that it tests. Only tests import it.
package enginetest
