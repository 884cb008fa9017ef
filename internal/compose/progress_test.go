// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/progress"
)

// What an update stops has not failed, whatever code it exits with.
func TestProgressOfEnds(t *testing.T) {
	t.Parallel()
	for asked, want := range map[bool]string{false: progress.Exited, true: progress.Stopped} {
		got := progressOf(engine.Event{Action: "die", Labels: map[string]string{"exitCode": "2"}}, asked)
		if got.State != want || got.Code == nil || *got.Code != 2 {
			t.Errorf("asked %v: %+v, want %s with code 2", asked, got, want)
		}
	}
}
