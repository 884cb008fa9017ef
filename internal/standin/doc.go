// SPDX-License-Identifier: Apache-2.0

// Package standin measures what tailoring is for: real files, each started twice
// at once by docker compose, as they are and with seatrial's override, with a
// program in the place of every image that finds out what the copies share. It is
// all test.
package standin
