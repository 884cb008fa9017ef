// SPDX-License-Identifier: Apache-2.0

// Command bench measures seatrial beside its peers, on one engine, where each takes
// turns with the others, and writes docs/performance.md:
//
//	make bench              all rows that are not measured yet
//	make bench ROW=compose  these again; several with commas between them
//	make bench FRESH=1      all again
//
// What a row measured is kept as a file below .tools/bench, with every single value. A
// run that was broken off goes on with the row that it had not finished.
package main
