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
	for d, want := range map[time.Duration]string{90 * time.Minute: "90m", 24 * time.Hour: "24h", 72 * time.Hour: "3d", 48 * time.Hour: "2d", 49 * time.Hour: "49h", 8 * time.Hour: "8h", time.Hour: "1h", time.Minute: "1m", 61 * time.Second: "1m1s"} {
		got := exact(d)
		if back, err := parseAge(got); got != want || back != d || err != nil {
			t.Errorf("%v: %q, which is %v, %v, want %q", d, got, back, err, want)
		}
	}
	for d, want := range map[time.Duration]string{-time.Second: "0s", 59 * time.Second: "59s", time.Minute: "1m", 59 * time.Minute: "59m", time.Hour: "1h", 47 * time.Hour: "47h", 48 * time.Hour: "2d"} {
		if got := brief(d); got != want {
			t.Errorf("%v in its largest unit: %q, want %q", d, got, want)
		}
	}
	for text, want := range map[string]time.Duration{"0": 0, "0d": 0, "0.5d": 12 * time.Hour, "90s": 90 * time.Second} {
		if got, err := parseAge(text); got != want || err != nil {
			t.Errorf("the age %s is %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "-1d", "-1ns", "5", "x"} {
		if got, err := parseAge(text); err == nil {
			t.Errorf("the age %q is %v", text, got)
		}
	}
}
