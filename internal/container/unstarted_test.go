// SPDX-License-Identifier: Apache-2.0

package container

import (
	"testing"

	"github.com/seatrial/seatrial/wait"
)

func TestUnstarted(t *testing.T) {
	const failed = "failed to create task for container: the network has no address left"
	for _, test := range []struct {
		state wait.State
		want  string
	}{
		{wait.State{Status: "created", Error: failed}, "db did not start: the network has no address left"},
		{wait.State{Status: "running", Error: failed}, ""},
		{wait.State{Status: "created"}, ""},
		// Whoever asked for the start was killed: it is not the container that failed.
		{wait.State{Status: "created", Error: "Canceled: context canceled"}, ""},
		{wait.State{Status: "created", Error: "failed to create task for container: context canceled"}, ""},
	} {
		got := ""
		if err := (&Container{Name: "db"}).Unstarted(t.Context(), test.state); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%+v: %q, want %q", test.state, got, test.want)
		}
	}
}
