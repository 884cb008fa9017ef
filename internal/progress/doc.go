// SPDX-License-Identifier: Apache-2.0

// Package progress has events of work in progress, and shows them. The code that works reports
// events, and does not know how they are shown: in lines of a log, one for each event, in a
// live list on a terminal, or in lines of JSON for programs.
//
// It promises that anything but a terminal gets neither colours nor control characters, that
// the list is removed from a terminal at the end, and that lines of JSON are complete. It
// does no work of its own, and asks no engine.
package progress
