// SPDX-License-Identifier: Apache-2.0

// Package up is a test of a Compose project, whose program's size is measured.
package up

import (
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
)

func TestUp(t *testing.T) {
	app := seatrial.Up(t, spec.Project{Files: []string{"compose.yaml"}})
	t.Log(app.Service(t, "web").Addr(t, 80))
}
