// SPDX-License-Identifier: Apache-2.0

package container

import (
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
)

// A container that runs has not failed, but its life before did.
func TestOfOthers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		about string
		state engine.State
		life  string
		want  bool
	}{
		{"the only life", engine.State{StartID: "1"}, "1", false},
		{"all lives of one", engine.State{StartID: "1"}, "", false},
		{"all lives of one that ended", engine.State{StartID: "1", ExitCode: 3}, "", false},
		{"all lives of one that runs again", engine.State{StartID: "2", Restarts: 1}, "", true},
		{"all lives of one that ended again", engine.State{StartID: "2", Restarts: 1, ExitCode: 3}, "", false},
		{"the life before", engine.State{StartID: "2", Restarts: 1, ExitCode: 3}, "1", true},
		{"the last life", engine.State{StartID: "2", Restarts: 1}, "2", false},
	} {
		if got := ofOthers(test.state, test.life); got != test.want {
			t.Errorf("%s: %v", test.about, got)
		}
	}
}
