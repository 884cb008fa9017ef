// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// BenchmarkWait measures the time from when something became true, as the
// server itself stamps it, to when Wait returned. What counts are the median and
// the worst:
//
//	go test -run '^$' -bench Wait -benchtime 50x .
func BenchmarkWait(b *testing.B) {
	enginetest.Need(b)
	img := seatrial.Build(b, spec.Image{Context: latencyContext(b)})
	c := seatrial.Run(b, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-serve", ":80"},
		Ports: []int{80, 9000}, Ready: wait.Listening(80)})
	acts := []struct {
		about, what, name string // %d is another number each time
		c                 func(name string) wait.Condition
	}{
		{"log", "print", "line %d.", func(name string) wait.Condition { return wait.Log("^" + name + "$") }},
		{"http", "ready", "r%d", func(name string) wait.Condition { return wait.HTTP(80, "/ready/"+name) }},
		{"listening", "listen", ":9000", func(string) wait.Condition { return wait.Listening(9000) }},
		{"sql", "listen", ":9000", func(string) wait.Condition { return wait.SQL("greeter", 9000, address) }},
		{"file", "file", "f%d", func(name string) wait.Condition { return wait.File("/" + name) }},
		{"content", "file", "c%d", func(name string) wait.Condition { return wait.File("/" + name).Matches("complete") }},
		{"exec", "file", "e%d", func(name string) wait.Condition { return wait.Exec("/probe", "-exists", "/"+name) }},
		{"all", "ready", "a%d", func(name string) wait.Condition { return wait.All(wait.Listening(80), wait.HTTP(80, "/ready/"+name)) }},
	}
	count := 0
	for _, a := range acts {
		b.Run(a.about, func(b *testing.B) {
			measure(b, func() time.Duration {
				count++
				name := strings.ReplaceAll(a.name, "%d", strconv.Itoa(count))
				act(b, c, a.what, name, 50*time.Millisecond+rand.N(50*time.Millisecond))
				c.Wait(b, a.c(name))
				now := time.Now()
				took := now.Sub(stamped(b, ask(b, c.URL(b, 80)+"/stamp?"+url.Values{"name": {name}}.Encode())))
				if a.what == "listen" {
					act(b, c, "close", name, 0)
					time.Sleep(20 * time.Millisecond)
				}
				return took
			})
		})
	}
	// The engine takes its time to say that a container has ended: what is ours is
	// what comes after its event.
	b.Run("exit-event", func(b *testing.B) {
		measure(b, func() time.Duration {
			began := time.Now()
			c := seatrial.Run(b, spec.Container{Image: img.Ref, Name: "job", Command: []string{"-after", "200ms"}, Ready: wait.Exit(0)})
			now := time.Now()
			out, err := exec.Command("docker", "events", "--since", began.Add(-time.Second).Format(time.RFC3339Nano), "--until", time.Now().Format(time.RFC3339Nano),
				"--filter", "container="+c.ID, "--filter", "event=die", "--format", "{{.TimeNano}}").Output()
			if err != nil {
				b.Fatal(err)
			}
			return now.Sub(stamped(b, string(out)))
		})
	})
	b.Run("exit", func(b *testing.B) {
		measure(b, func() time.Duration {
			c := seatrial.Run(b, spec.Container{Image: img.Ref, Name: "job", Command: []string{"-after", "200ms", "-stamp"}, Ready: wait.Exit(0)})
			now := time.Now()
			return now.Sub(stamped(b, c.Logs(b)))
		})
	})
	b.Run("healthy", func(b *testing.B) {
		measure(b, func() time.Duration {
			c.Restart(b)
			c.Wait(b, wait.Healthy())
			now := time.Now()
			return now.Sub(stamped(b, ask(b, c.URL(b, 80)+"/check")))
		})
	})
}

// measure reports the median and the worst of what f returns.
func measure(b *testing.B, f func() time.Duration) {
	var all []time.Duration
	for b.Loop() {
		all = append(all, f())
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "median-ms")
	b.ReportMetric(float64(all[len(all)-1].Microseconds())/1000, "worst-ms")
	b.ReportMetric(0, "ns/op")
}

// stamped reads a time as the probe writes it.
func stamped(t testing.TB, nanoseconds string) time.Time {
	t.Helper()
	at, err := strconv.ParseInt(strings.TrimSpace(nanoseconds), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(0, at)
}

func ask(t testing.TB, url string) string {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	resp, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", resp.Status, body)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func latencyContext(b *testing.B) string {
	dir := enginetest.ProbeContext(b)
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(`FROM scratch
COPY probe /probe
HEALTHCHECK --interval=100ms CMD ["/probe", "-check", "http://127.0.0.1/health"]
ENTRYPOINT ["/probe"]
`), 0o644); err != nil {
		b.Fatal(err)
	}
	return dir
}
