// SPDX-License-Identifier: Apache-2.0

// Package timelimit says how long something was allowed to take whose time was up: what people
// know is the limit that they gave, not when the clock was read.
//
// It owns how such a time is rounded. It promises that a limit which somebody gave is told as it
// was given. It sets no limit: package session does.
package timelimit
