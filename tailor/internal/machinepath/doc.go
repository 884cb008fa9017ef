// SPDX-License-Identifier: Apache-2.0

// Package machinepath knows paths of a machine that everybody has, by their names alone:
// sockets of engines, what belongs to the operating system, what does no harm.
//
// It never looks at the file system: what is there is for its callers to ask.
package machinepath
