// SPDX-License-Identifier: Apache-2.0

// Command bench measures seatrial and its peers in turns, on one engine, and writes
// docs/performance.md:
//
//	make bench              all rows that are not measured yet
//	make bench ROW=compose  these again; several with commas between them
//	make bench FRESH=1      all again
//
// The results of a row, with every single value, are kept in a file below
// .tools/bench. After an interruption, the next run continues with the unfinished row.
package main
