// SPDX-License-Identifier: Apache-2.0

package swarmtest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/dockerd"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// An engine ends with all its containers while a project starts on it, and is
// started again with its data. Either Up fails and says what it was doing, or it has
// not noticed and the project is up. The end of the test waits for the engine and
// leaves nothing there.
func TestEngineRestartsDuringUp(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	e := dockerd.New(dockerd.Options{Binary: enginetest.NeedDockerd(t, enginetest.Dockerd), Run: process.Run})
	t.Cleanup(func() {
		if err := e.Stop(); err != nil {
			t.Error(err)
		}
	})
	start := func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := e.Start(ctx); err != nil {
			t.Error(err)
		}
	}
	if start(); t.Failed() {
		return
	}
	docker := func(args ...string) (string, error) {
		out, err := exec.Command("docker", append([]string{"--host", e.Host()}, args...)...).Output()
		return string(out), err
	}
	// The test does not announce that the engine will stop for a while.
	on := func() *seatrial.Engine { return seatrial.On(spec.Engine{Host: e.Host(), Address: e.Address()}) }
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(`services:
  db:
    image: example/probe:1
    restart: always
    command: ["-after", "2s", "-serve", ":80"]
    healthcheck: {test: [CMD, /probe, -check, "http://127.0.0.1/health"], interval: 200ms, retries: 100}
    volumes: ["./data:/data", stock:/stock]
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["8080:80"]
    depends_on: {db: {condition: service_healthy}}
volumes: {stock: {}}
`), 0o600); err != nil {
		t.Fatal(err)
	}
	large, err := os.Create(filepath.Join(dir, "data", "large"))
	if err == nil {
		err = errors.Join(large.Truncate(128<<20), large.Close()) // copying it takes a moment
	}
	if err != nil {
		t.Fatal(err)
	}
	moments := []struct {
		name string
		is   string // lists objects of that step
	}{
		{"leased", "/volumes"},
		{"copying", `/containers/json?all=1&filters={"name":["helper"]}`},
		{"created", `/containers/json?all=1&filters={"label":["com.docker.compose.project"]}`},
		{"running", `/containers/json?filters={"label":["com.docker.compose.service=db"]}`},
	}
	failed := false
	for _, moment := range moments {
		t.Run(moment.name, func(t *testing.T) {
			r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
				img := on().Build(r, spec.Image{Context: enginetest.ProbeContext(t)})
				over := make(chan struct{})
				go func() {
					defer close(over)
					for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
						if len(objects(t, e.Host(), moment.is)) > 0 {
							if err := e.Kill(); err != nil {
								t.Error(err)
							}
							time.Sleep(2 * time.Second)
							start()
							return
						}
					}
					t.Error("the moment did not come")
				}()
				defer func() { <-over }()
				on().Up(r, spec.Project{Files: []string{dir}, StablePorts: true, Images: map[string]string{"example/probe:1": img.Ref},
					Ready: map[string]wait.Condition{"web": wait.Log("listening"), "db": wait.Healthy()}})
			})
			t.Logf("it says\n%s", r.Errors())
			if failed = failed || r.Failed(); r.Failed() && !strings.HasPrefix(r.Errors(), "starting "+dir+": ") {
				t.Error("it does not say what it was about")
			}
			if strings.Contains(r.Errors(), "removing what the test made") {
				t.Error("the end of the test did not wait for the engine")
			}
			for _, args := range [][]string{{"ps", "--all", "--quiet"}, {"volume", "ls", "--quiet"}, {"network", "ls", "--quiet", "--filter", "type=custom"}} {
				if out, err := docker(args...); out != "" || err != nil {
					t.Errorf("docker %s has %s, %v", args[0], out, err)
				}
			}
			if _, dir, ok := strings.Cut(r.Logs(), "artifacts: "); ok {
				dir, _, _ = strings.Cut(dir, "\n")
				os.RemoveAll(dir)
			}
		})
	}
	if !failed {
		t.Error("no start noticed that its engine was gone")
	}
}
