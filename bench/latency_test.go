// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
	"github.com/testcontainers/testcontainers-go"
	tcwait "github.com/testcontainers/testcontainers-go/wait"
)

// BenchmarkReady measures the time from when a container became ready, as the
// engine stamps it, to when the call that starts it and waits for it returned.
func BenchmarkReady(b *testing.B) {
	enginetest.Need(b)
	b.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true") // its image is on a registry; it takes time once per process only
	img := seatrial.Build(b, spec.Image{Context: probe(b)})
	for _, c := range []struct {
		about   string
		command []string
		ready   wait.Condition
		theirs  tcwait.Strategy
		stamp   func(b *testing.B, id string) time.Time
	}{
		{"log", []string{"-after", "300ms", "-serve", ":80"}, wait.Log("listening"), tcwait.ForLog("listening"), lastLine},
		{"exit", []string{"-after", "300ms"}, wait.Exit(0), tcwait.ForExit(), finished},
		{"listening", []string{"-after", "300ms", "-serve", ":80"}, wait.Listening(80), tcwait.ForListeningPort("80/tcp").SkipInternalCheck(), lastLine},
		{"http", []string{"-after", "300ms", "-serve", ":80"}, wait.HTTP(80, "/health"), tcwait.ForHTTP("/health").WithPort("80/tcp"), lastLine},
		{"healthy", []string{"-serve", ":80"}, wait.Healthy(), tcwait.ForHealthCheck(), healthy},
	} {
		seatrialRuns := func(b *testing.B) (string, time.Time) {
			ctr := seatrial.Run(b, spec.Container{Image: img.Ref, Name: "ours", Command: c.command, Ports: []int{80}, Ready: c.ready})
			return ctr.ID, time.Now()
		}
		testcontainersRuns := func(b *testing.B) (string, time.Time) {
			ctr, err := testcontainers.GenericContainer(context.Background(), testcontainers.GenericContainerRequest{
				ContainerRequest: testcontainers.ContainerRequest{Image: img.Ref, Cmd: c.command, ExposedPorts: []string{"80/tcp"}, WaitingFor: c.theirs}, Started: true})
			now := time.Now()
			testcontainers.CleanupContainer(b, ctr)
			if err != nil {
				b.Fatal(err)
			}
			return ctr.GetContainerID(), now
		}
		b.Run(c.about, func(b *testing.B) {
			var ours, theirs []time.Duration
			for b.Loop() {
				for who, run := range map[*[]time.Duration]func(*testing.B) (string, time.Time){&ours: seatrialRuns, &theirs: testcontainersRuns} {
					id, returned := run(b)
					*who = append(*who, returned.Sub(c.stamp(b, id)))
					remove(b, id)
				}
			}
			report(b, "seatrial", ours)
			report(b, "testcontainers", theirs)
			b.ReportMetric(0, "ns/op")
		})
	}
}

func probe(b *testing.B) string {
	dir := enginetest.ProbeContext(b)
	dockerfile := "FROM scratch\nCOPY probe /probe\nHEALTHCHECK --interval=500ms CMD [\"/probe\", \"-check\", \"http://127.0.0.1/health\"]\nENTRYPOINT [\"/probe\"]\n"
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o644); err != nil {
		b.Fatal(err)
	}
	return dir
}

// report reports the median and the worst.
func report(b *testing.B, who string, all []time.Duration) {
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, who+"-median-ms")
	b.ReportMetric(float64(all[len(all)-1].Microseconds())/1000, who+"-worst-ms")
}

func docker(b *testing.B, args ...string) string {
	out, err := exec.Command("docker", args...).CombinedOutput()
	if err != nil {
		b.Fatalf("docker %s: %v\n%s", args[0], err, out)
	}
	return strings.TrimSpace(string(out))
}

// remove removes a container before the next one starts, so that none disturbs
// the measurement of another.
func remove(b *testing.B, id string) { docker(b, "rm", "--force", "--volumes", id) }

func instant(b *testing.B, text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		b.Fatal(err)
	}
	return at
}

func lastLine(b *testing.B, id string) time.Time {
	stamp, _, _ := strings.Cut(docker(b, "logs", "--timestamps", "--tail", "1", id), " ")
	return instant(b, stamp)
}

func finished(b *testing.B, id string) time.Time {
	return instant(b, docker(b, "inspect", "--format", "{{.State.FinishedAt}}", id))
}

func healthy(b *testing.B, id string) time.Time {
	for line := range strings.Lines(docker(b, "inspect", "--format", `{{range .State.Health.Log}}{{.ExitCode}} {{.End.Format "2006-01-02T15:04:05.999999999Z07:00"}}{{"\n"}}{{end}}`, id)) {
		if code, end, _ := strings.Cut(strings.TrimSpace(line), " "); code == "0" {
			return instant(b, end)
		}
	}
	b.Fatal("no health check has passed")
	return time.Time{}
}
