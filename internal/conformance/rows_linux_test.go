// SPDX-License-Identifier: Apache-2.0

package conformance_test

import (
	"os/exec"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
)

var rows = []row{
	{"here", "the engine that the environment names, on this machine", func(t *testing.T, k kit) *exec.Cmd {
		enginetest.Need(t)
		return k.here()
	}},
}
