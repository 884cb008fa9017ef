// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/wait"
)

// With go test -v a start that takes long logs its progress.
func TestUpSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	s := project(t, probe(t), "services:\n  slow: {image: \"example/probe:1\", command: [\"-after\", \"6s\", \"-serve\", \":80\"]}\n")
	s.Ready = map[string]wait.Condition{"slow": wait.Log("listening")}
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) { seatrial.Up(r, s) })
	if says := strings.Contains(r.Logs(), "slow running"); r.Failed() || says != testing.Verbose() {
		t.Errorf("verbose: %v; the log is\n%s\n%s", testing.Verbose(), r.Logs(), r.Errors())
	}
}
