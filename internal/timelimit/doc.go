// SPDX-License-Identifier: Apache-2.0

// Package timelimit says how long something was allowed to take that ran out of time. People
// know the limit that they gave, not the time that the clock showed.
//
// It decides how such a time is rounded, and reports a limit as it was given. It sets no limit:
// package session does.
package timelimit
