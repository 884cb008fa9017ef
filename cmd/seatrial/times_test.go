// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"
)

// An environment that was just given 8 hours must not be shown with 7.
func TestIn(t *testing.T) {
	t.Parallel()
	for left, want := range map[time.Duration]string{
		7*time.Hour + 59*time.Minute: "in 8h", 7*time.Hour + 20*time.Minute: "in 7h", 89*time.Second + 900*time.Millisecond: "in 1m",
		335 * time.Hour: "in 14d", -time.Second: "now",
	} {
		if got := in(time.Now().Add(left)); got != want {
			t.Errorf("in %v: %q, want %q", left, got, want)
		}
	}
}

func TestExact(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{90 * time.Minute: "90m", 24 * time.Hour: "24h", 72 * time.Hour: "3d", 8 * time.Hour: "8h", 61 * time.Second: "1m1s"} {
		got := exact(d)
		if back, err := parseAge(got); got != want || back != d || err != nil {
			t.Errorf("%v: %q, which is %v, %v, want %q", d, got, back, err, want)
		}
	}
}
