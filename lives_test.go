// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// What a container prints right after a restart belongs to the new life, also
// while the log of the former one is still being read.
func TestLogAfterManyRestarts(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Command: []string{"-serve", ":80", "-farewell", "bye"}, Ready: wait.Log("listening")})
	for range 15 {
		c.Restart(t)
		c.Wait(t, wait.Within(10*time.Second, wait.Log("^listening")))
	}
}
