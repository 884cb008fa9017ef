// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// A goroutine that starts something when its test is over already is cut off:
// the test must not wait for it, and nothing may come into being later.
func TestVerbAfterTheTestIsCutOff(t *testing.T) {
	t.Parallel()
	img := probe(t)
	ended := make(chan time.Time, 1)
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		seatrial.Run(r, spec.Container{Image: img.Ref, Command: []string{"-serve", ":80"}, Ready: wait.Log("listening")})
		begun := make(chan struct{})
		go func() {
			defer func() { ended <- time.Now() }()
			<-r.Context().Done()
			close(begun)
			seatrial.Run(r, spec.Container{Image: img.Ref, Name: "late", Command: []string{"-serve", ":80"}, Ready: wait.Log("never said")})
		}()
		r.Cleanup(func() {
			<-begun
			time.Sleep(500 * time.Millisecond) // so that it is at work
		})
	})
	discard(t, r)
	select {
	case <-ended:
	default:
		t.Error("the test ended before what its goroutine had begun")
	}
	if !strings.Contains(r.Errors(), "late") || strings.Contains(r.Errors(), "still builds or starts") {
		t.Errorf("the test said %q, want why the container called late did not get ready", r.Errors())
	}
	if left := enginetest.Left(t, t.Name()); left != "" {
		t.Errorf("left are\n%s", left)
	}
}
