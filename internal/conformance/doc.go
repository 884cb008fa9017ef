// SPDX-License-Identifier: Apache-2.0

// Package conformance has only tests: what seatrial promises, checked on every
// kind of engine that we know how to start. They make the table in
// docs/engines.md.
package conformance
