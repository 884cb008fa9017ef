// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// BenchmarkEvidence compares a test with a project of four services that fails at its end
// with one that passes, in turns: the difference is the cost of evidence.
//
//	go test -run '^$' -bench Evidence -benchtime 10x .
func BenchmarkEvidence(b *testing.B) {
	enginetest.Need(b)
	img := seatrial.Build(b, spec.Image{Context: enginetest.ProbeContext(b)})
	file := b.TempDir() + "/compose.yaml"
	services := "services:\n"
	for _, name := range []string{"a", "b", "c", "d"} {
		services += "  " + name + ": {image: 'example/probe:1', command: ['-print', '" + strings.Repeat("a line of some length ", 20) + "', '-serve', ':80'], ports: ['80']}\n"
	}
	if err := os.WriteFile(file, []byte(services), 0o600); err != nil {
		b.Fatal(err)
	}
	once := func(fails bool) (all, end time.Duration) {
		began := time.Now()
		var over time.Time
		r := enginetest.Record("TestCost", time.Time{}, func(r *enginetest.Recorder) {
			app := seatrial.Up(r, spec.Project{Files: []string{file}, Images: map[string]string{"example/probe:1": img.Ref}})
			for _, name := range []string{"a", "b", "c", "d"} {
				app.Service(r, name).Wait(r, wait.Log("listening"))
				app.Service(r, name).Exec(r, spec.Exec{Command: []string{"/probe"}})
			}
			if fails {
				r.Errorf("it fails")
			}
			over = time.Now()
		})
		if _, dir, ok := strings.Cut(r.Logs(), "artifacts: "); ok {
			os.RemoveAll(dir)
		}
		if r.Failed() != fails {
			b.Fatal(r.Errors())
		}
		return time.Since(began), time.Since(over)
	}
	once(true)
	took := map[string][]time.Duration{}
	for b.Loop() {
		all, end := once(false)
		took["passed-ms"], took["passed-end-ms"] = append(took["passed-ms"], all), append(took["passed-end-ms"], end)
		all, end = once(true)
		took["failed-ms"], took["failed-end-ms"] = append(took["failed-ms"], all), append(took["failed-end-ms"], end)
	}
	for unit, times := range took {
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, unit)
	}
	b.ReportMetric(0, "ns/op")
}
