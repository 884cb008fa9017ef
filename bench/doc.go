// SPDX-License-Identifier: Apache-2.0

// Package bench compares seatrial with its peers, on one engine and in one run,
// where each takes turns with the others:
//
//	make bench
package bench
