// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"math/rand/v2"
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

// BenchmarkBuildUnchanged compares building what has not changed, 20,000 files of
// 1 GiB together, with docker build of the same, in turns:
//
//	go test -run '^$' -bench BuildUnchanged -benchtime 10x .
func BenchmarkBuildUnchanged(b *testing.B) {
	enginetest.Need(b)
	dir := filepath.Join(b.TempDir(), "large")
	content := make([]byte, 1<<30/20000)
	random := rand.NewChaCha8([32]byte{})
	for i := range 20000 {
		_, _ = random.Read(content)
		name := filepath.Join(dir, fmt.Sprintf("%03d", i/100), fmt.Sprintf("%02d", i%100))
		err := os.MkdirAll(filepath.Dir(name), 0o755)
		if err == nil {
			err = os.WriteFile(name, content, 0o644)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte("FROM scratch\nCOPY . /\n"), 0o644); err != nil {
		b.Fatal(err)
	}
	tag := seatrial.BlankImage(b, "large")
	docker := func() {
		if out, err := exec.Command("docker", "build", "--quiet", "--tag", tag.Ref, dir).CombinedOutput(); err != nil {
			b.Fatalf("docker build: %v\n%s", err, out)
		}
	}
	ours := func() { seatrial.Build(b, spec.Image{Context: dir}) }
	timed := func(do func()) time.Duration {
		began := time.Now()
		do()
		return time.Since(began)
	}
	docker()
	ours()
	ours() // what was written just before the first is not remembered by it
	var theirs, mine []time.Duration
	for b.Loop() {
		theirs, mine = append(theirs, timed(docker)), append(mine, timed(ours))
	}
	slices.Sort(theirs)
	slices.Sort(mine)
	their, my := theirs[len(theirs)/2], mine[len(mine)/2]
	b.ReportMetric(float64(their.Microseconds())/1000, "docker-ms")
	b.ReportMetric(float64(my.Microseconds())/1000, "seatrial-ms")
	b.ReportMetric(float64(my)/float64(their), "ratio")
	b.ReportMetric(0, "ns/op")
}
