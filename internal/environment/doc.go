// SPDX-License-Identifier: Apache-2.0

// Package environment is about projects and stacks that outlive the process which started
// them.
//
// An environment has an identity, the key of all that it is made of; a record on the engine,
// until when it is kept and who uses it; and an end, when its time is over and nobody does.
// All of these are labels of objects on the engine, so that every process which looks there
// sees the same: nothing of it is only in memory.
//
// It promises that of those who want one environment one starts it and the others wait, that
// the death of a process takes nothing along, and that who cannot start it tells those who
// waited why. What uses it within a process is package shared's.
package environment
