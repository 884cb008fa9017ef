// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"time"
)

// longBefore is before by more than what passes until what a program printed last gets
// its time.
func longBefore(a, b string) bool {
	at, err := time.Parse(time.RFC3339Nano, a)
	return err == nil && before(at.Add(time.Second).Format(time.RFC3339Nano), b)
}

// before compares two times of the engine's, which may have fewer digits.
func before(a, b string) bool {
	at, err := time.Parse(time.RFC3339Nano, a)
	start, failed := time.Parse(time.RFC3339Nano, b)
	return err != nil || failed != nil || at.Before(start)
}
