// SPDX-License-Identifier: Apache-2.0

// Package stall says what keeps the processes of a container from their work, as the kernel's
// /proc shows it: a program that has run for half a second by the clock may not have got to
// its first instruction where the disk or the processors are busy.
//
// It looks once, at a bounded number of processes, and changes nothing. What follows from it,
// that one waits longer, say, is for package wait.
package stall
