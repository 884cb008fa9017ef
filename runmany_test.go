// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// Many tests with a container each run at once: fifty, or as many as SEATRIAL_CONTAINERS
// says.
func TestRunMany(t *testing.T) {
	t.Parallel()
	img := probe(t)
	count := enginetest.Sample(t, "SEATRIAL_CONTAINERS", 8, 50, "containers at once")
	began := time.Now()
	t.Run("all", func(t *testing.T) {
		var all sync.WaitGroup
		for i := range count {
			all.Go(func() {
				r := enginetest.Record(fmt.Sprintf("%s/%d", t.Name(), i), time.Time{}, func(r *enginetest.Recorder) {
					c := seatrial.Run(r, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-print", fmt.Sprint("number ", i), "-serve", ":80"},
						Ports: []int{80}, Ready: wait.HTTP(80, "/health")})
					c.Wait(r, wait.Log("number"))
					if got, want := c.Stdout(r), fmt.Sprintf("number %d\n", i); !strings.HasPrefix(got, want) {
						r.Errorf("container %d printed %q", i, got)
					}
				})
				if r.Discard(t); r.Failed() {
					t.Error(r.Errors())
				}
			})
		}
		all.Wait()
	})
	t.Logf("%d containers in parallel, from the first call to the last removal: %v", count, time.Since(began).Round(time.Millisecond))
	for i := range count {
		if left := enginetest.Left(t, fmt.Sprintf("%s/%d", t.Name(), i)); left != "" {
			t.Errorf("left behind:\n%s", left)
		}
	}
}

// BenchmarkRun measures Run until the server answers, and the end of the test,
// beside the bare Engine API for the same steps: create, start, ask for the port,
// dial until it answers, remove. It reports both and their ratio.
func BenchmarkRun(b *testing.B) {
	enginetest.Need(b)
	img := seatrial.Build(b, spec.Image{Context: enginetest.ProbeContext(b)})
	raw := rawEngine(b)
	var ours, theirs time.Duration
	run := func() {
		began := time.Now()
		r := enginetest.Record(b.Name(), time.Time{}, func(r *enginetest.Recorder) {
			seatrial.Run(r, spec.Container{Image: img.Ref, Command: []string{"-serve", ":80"}, Ports: []int{80}, Ready: wait.HTTP(80, "/health")})
			ours += time.Since(began)
		})
		if r.Failed() {
			b.Fatal(r.Errors())
		}
	}
	seatrial.Run(b, spec.Container{Image: img.Ref}) // so that the work that is done once per process does not count
	n := 0
	for b.Loop() {
		n++
		theirs += raw(b, img.Ref)
		run()
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(n), "ms/ready")
	b.ReportMetric(float64(theirs.Milliseconds())/float64(n), "ms/raw-ready")
	b.ReportMetric(float64(ours)/float64(theirs), "ratio")
}

// rawEngine returns a function that starts a container by bare HTTP requests, and
// returns the time that it took.
func rawEngine(b *testing.B) func(b *testing.B, image string) time.Duration {
	socket, ok := strings.CutPrefix(os.Getenv("DOCKER_HOST"), "unix://")
	if !ok {
		b.Skip("needs an engine at a unix socket")
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
	b.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport}
	return func(b *testing.B, image string) time.Duration {
		began := time.Now()
		var created struct{ ID string }
		call(b, client, "POST", "/containers/create", fmt.Sprintf(`{"Image":%q,"Cmd":["-serve",":80"],"ExposedPorts":{"80/tcp":{}},
			"HostConfig":{"PortBindings":{"80/tcp":[{"HostIp":"127.0.0.1"}]}}}`, image), &created)
		defer call(b, client, "DELETE", "/containers/"+created.ID+"?force=1&v=1", "", nil)
		call(b, client, "POST", "/containers/"+created.ID+"/start", "", nil)
		var inspected struct {
			NetworkSettings struct {
				Ports map[string][]struct{ HostPort string }
			}
		}
		call(b, client, "GET", "/containers/"+created.ID+"/json", "", &inspected)
		url := "http://127.0.0.1:" + inspected.NetworkSettings.Ports["80/tcp"][0].HostPort + "/health"
		quick := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		for {
			if resp, err := quick.Get(url); err == nil {
				resp.Body.Close()
				return time.Since(began)
			}
			time.Sleep(time.Millisecond)
		}
	}
}

func call(b *testing.B, client *http.Client, method, path, body string, answer any) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, "http://docker"+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		b.Fatalf("%s %s: %s", method, path, resp.Status)
	}
	if answer != nil {
		err = json.NewDecoder(resp.Body).Decode(answer)
	}
	if err != nil {
		b.Fatal(err)
	}
}
