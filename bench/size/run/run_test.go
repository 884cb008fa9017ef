// SPDX-License-Identifier: Apache-2.0

// Package run is a test of one container, whose program's size is measured.
package run

import (
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestRun(t *testing.T) {
	c := seatrial.Run(t, spec.Container{Image: "example/web:1", Ports: []int{80}, Ready: wait.Log("listening")})
	t.Log(c.Addr(t, 80))
}
