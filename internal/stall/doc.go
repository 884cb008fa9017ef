// SPDX-License-Identifier: Apache-2.0

// Package stall finds out, from /proc, what holds up the processes of a container. If the
// disk or the processors are busy, a program that was started half a second ago may not have
// executed its first instruction.
//
// It looks once, at a limited number of processes, and changes nothing. Package wait decides
// what follows, a longer wait, say.
package stall
