// SPDX-License-Identifier: Apache-2.0

// Package conformance has only tests: they check seatrial's promises on every kind
// of engine that can be started here, and make the table in docs/engines.md.
package conformance
