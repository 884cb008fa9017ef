// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/swarmtest"
)

// envNowhere has TestNowhere do what it is for.
const envNowhere = "SEATRIAL_TEST_NOWHERE"

// TestNowhere wants a swarm where there can be none.
func TestNowhere(t *testing.T) {
	if os.Getenv(envNowhere) == "" {
		t.Skip("is started by TestSkipIsSeen")
	}
	swarmtest.Start(t, swarmtest.Spec{Engine: swarmtest.EngineSpec{Dockerd: "/no/such/dockerd"}})
	t.Error("the test goes on without a swarm")
}

// A test that is skipped for want of engines says what to install or set, also where
// nobody sees its log; and where somebody does, once.
func TestSkipIsSeen(t *testing.T) {
	t.Parallel()
	for _, verbose := range []string{"false", "true"} {
		t.Run("-v="+verbose, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNowhere$", "-test.v="+verbose)
			cmd.Env = append(os.Environ(), envNowhere+"=1", "SEATRIAL_REQUIRE=", "SEATRIAL_SWARM=", "SEATRIAL_ARTIFACTS="+t.TempDir())
			var log, seen bytes.Buffer
			cmd.Stdout, cmd.Stderr = &log, &seen
			err := cmd.Run()
			if err != nil {
				t.Errorf("%v, with\n%s%s", err, &log, &seen)
			}
			said, silent := seen.String(), log.String()
			if verbose == "true" {
				said, silent = silent, said
			}
			for _, want := range []string{"this test needs more than there is: a swarm of its own: ", " hint: ", "hint: SEATRIAL_SWARM names"} {
				if !strings.Contains(said, want) || strings.Contains(silent, want) {
					t.Errorf("said %q\nand not %q\nwant %q in the first alone", said, silent, want)
				}
			}
		})
	}
}
