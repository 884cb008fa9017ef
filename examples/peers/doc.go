// SPDX-License-Identifier: Apache-2.0

// Package peers has the tests that other libraries publish as their examples,
// written anew with seatrial. The README compares them.
package peers
