// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

// BenchmarkProject measures how long a project of eight services in three levels
// takes to be ready, and then to be gone, beside docker compose up --detach --wait
// and docker compose down --volumes. What counts are the ratios of the medians:
//
//	go test -run '^$' -bench Project -benchtime 10x .
func BenchmarkProject(b *testing.B) {
	enginetest.Need(b)
	img := seatrial.Build(b, spec.Image{Context: enginetest.ProbeContext(b)})
	const file = "testdata/levels/compose.yaml"
	image := filepath.Join(b.TempDir(), "image.yaml")
	names := []string{"db", "cache", "queue", "api", "worker", "mailer", "web", "admin"}
	content := "services:\n"
	for _, name := range names {
		content += "  " + name + ": {image: '" + img.Ref + "', pull_policy: never}\n"
	}
	if err := os.WriteFile(image, []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
	s := spec.Project{Files: []string{file}, Images: map[string]string{"example/probe:1": img.Ref}}
	var ours, theirs struct{ ready, gone []time.Duration }
	took := func(all *[]time.Duration, f func()) {
		began := time.Now()
		f()
		*all = append(*all, time.Since(began))
	}
	seatrialDoes := func() {
		var ready time.Time
		r := enginetest.Record(b.Name(), time.Time{}, func(r *enginetest.Recorder) {
			took(&ours.ready, func() { seatrial.Up(r, s) })
			ready = time.Now()
		})
		ours.gone = append(ours.gone, time.Since(ready))
		if r.Failed() {
			b.Fatal(r.Errors())
		}
	}
	composeDoes := func() {
		name := seatrial.Name(b, "")
		compose := func(args ...string) {
			args = append([]string{"compose", "--project-name", name, "--file", file, "--file", image}, args...)
			if out, err := exec.Command("docker", args...).CombinedOutput(); err != nil {
				b.Errorf("docker %q: %v\n%s", args, err, out)
			}
		}
		took(&theirs.ready, func() { compose("up", "--detach", "--wait") })
		took(&theirs.gone, func() { compose("down", "--volumes") })
	}
	for n := 0; b.Loop(); n++ { // who is first takes turns
		if n%2 == 0 {
			seatrialDoes()
			composeDoes()
		} else {
			composeDoes()
			seatrialDoes()
		}
	}
	median := func(all []time.Duration) float64 {
		slices.Sort(all)
		return all[len(all)/2].Seconds()
	}
	for what, both := range map[string][2][]time.Duration{"ready": {ours.ready, theirs.ready}, "gone": {ours.gone, theirs.gone}} {
		b.ReportMetric(median(both[0])*1000, "seatrial-"+what+"-ms")
		b.ReportMetric(median(both[1])*1000, "compose-"+what+"-ms")
		b.ReportMetric(median(both[0])/median(both[1]), what+"-ratio")
	}
	b.ReportMetric(0, "ns/op")
}
