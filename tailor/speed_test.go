// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/seatrial/seatrial/spec"
)

// BenchmarkCorpus plans every shipped file of the corpus that can be planned,
// and reports the median and the 99th percentile of a file.
func BenchmarkCorpus(b *testing.B) {
	root := os.Getenv("SEATRIAL_CORPUS")
	if root == "" {
		b.Skip("SEATRIAL_CORPUS names no directory with real files")
	}
	var times []time.Duration
	var projects []spec.Project
	for _, row := range readIndex(b, filepath.Join(root, "index.tsv")) {
		p := spec.Project{Files: []string{filepath.Join(root, row["file"])}, Isolate: true}
		if _, err := Compose(context.Background(), p, Options{Base: corpusEnv}); err == nil && row["class"] == "shipped" {
			projects = append(projects, p)
		}
	}
	for b.Loop() {
		for _, p := range projects {
			start := time.Now()
			if _, err := Compose(context.Background(), p, Options{Base: corpusEnv}); err != nil {
				b.Fatal(err)
			}
			times = append(times, time.Since(start))
		}
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "µs-median")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "µs-p99")
	b.ReportMetric(float64(len(times))/b.Elapsed().Seconds(), "files/s")
}
