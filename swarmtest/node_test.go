// SPDX-License-Identifier: Apache-2.0

package swarmtest

import (
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
)

// A manager that is back is ready before the others reach it.
func TestLacks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		now    engine.Node
		status string
		want   string
	}{
		{engine.Node{Status: "ready"}, "ready", ""},
		{engine.Node{Status: "down"}, "ready", "it is down"},
		{engine.Node{Status: "down", Manages: true}, "down", ""},
		{engine.Node{Status: "ready", Manages: true}, "ready", "it is ready, but as a manager it is not reached"},
		{engine.Node{Status: "ready", Manages: true, Reachable: true}, "ready", ""},
	} {
		got := ""
		if err := lacks(tt.now, tt.status); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%+v, awaited to be %s: %q, want %q", tt.now, tt.status, got, tt.want)
		}
	}
}
