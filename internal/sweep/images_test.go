// SPDX-License-Identifier: Apache-2.0

package sweep

import (
	"testing"
	"time"
)

// Of an image's last use only the day is known: it may have been at the day's end.
func TestUnusedSince(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	b := Built{Used: day}
	for since, want := range map[time.Time]bool{day: false, day.Add(23 * time.Hour): false, day.Add(24 * time.Hour): true, day.Add(48 * time.Hour): true} {
		if got := b.unusedSince(since); got != want {
			t.Errorf("used on %s, unused since %s: %v, want %v", day.Format(time.DateOnly), since.Format(time.DateTime), got, want)
		}
	}
}
