// SPDX-License-Identifier: Apache-2.0

// Package leftovers has only tests. They show what the project promises about the
// end of a test: no matter how it ends, even by kill -9 of its process, of go test
// or of the engine, everything that it made on the engine and on the machine is
// removed, and nothing else. The tests run on a private engine, and compare all of
// its objects.
package leftovers
