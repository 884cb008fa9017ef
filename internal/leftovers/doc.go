// SPDX-License-Identifier: Apache-2.0

// Package leftovers has no code. Its tests show what the project promises of the
// end of a test: whatever ends it, kill -9 of the process, of go test or of the
// engine among that, what it made on the engine and on the machine goes, and
// nothing else does. They run on an engine of their own, of which they compare
// all that it has.
package leftovers
