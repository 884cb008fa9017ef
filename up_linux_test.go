// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// What happens to a project half way: the error says it, and nothing is left.

const slowStart = `services:
  db:
    image: example/probe:1
    command: ["-after", "2s", "-serve", ":80"]
    healthcheck: {test: [CMD, /probe, -check, "http://127.0.0.1/health"], interval: 200ms, retries: 100}
    volumes: ["./data:/data", stock:/stock]
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["8080:80"]
    depends_on: {db: {condition: service_healthy}}
volumes: {stock: {}}
`

// whenCreated calls f once, when the first container of slowStart exists.
func whenCreated(t *testing.T, test string, f func()) (wait func()) {
	t.Helper()
	over := make(chan struct{})
	go func() {
		defer close(over)
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if strings.Contains(enginetest.Left(t, test), "-db-1") {
				f()
				return
			}
		}
		t.Error("no container was created")
	}()
	return func() { <-over }
}

// composes returns the processes of docker compose up for a directory.
func composes(t *testing.T, dir string) (pids []int) {
	t.Helper()
	processes, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, process := range processes {
		command, _ := os.ReadFile(filepath.Join(process, "cmdline"))
		pid, err := strconv.Atoi(filepath.Base(process))
		if err == nil && bytes.Contains(command, []byte("compose\x00")) && bytes.Contains(command, []byte(dir)) && bytes.Contains(command, []byte("\x00up\x00")) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func TestUpComposeIsKilled(t *testing.T) {
	t.Parallel()
	img := probe(t)
	// Compose itself waits for a dependency that is not required.
	s := project(t, img, strings.Replace(slowStart, "service_healthy}", "service_healthy, required: false}", 1))
	killed := 0
	over := whenCreated(t, t.Name(), func() {
		for _, pid := range composes(t, s.Files[0]) {
			killed++
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	})
	r := mustFail(t, "starting "+s.Files[0]+": docker compose up ended with signal: killed", func(t seatrial.T) { seatrial.Up(t, s) })
	over()
	if killed == 0 {
		t.Errorf("nothing was killed\n%s", r.Errors())
	}
	if left := enginetest.Left(t, t.Name()); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
}

// The engine is gone for a while, as during a restart.
func TestUpEngineIsGone(t *testing.T) {
	t.Parallel()
	img := probe(t)
	dir, err := os.MkdirTemp("", "faulty") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	f, err := enginetest.NewFaulty(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	s := project(t, img, slowStart)
	over := whenCreated(t, t.Name(), func() {
		f.Down()
		time.Sleep(3 * time.Second)
		f.Up()
	})
	r := mustFail(t, "starting "+s.Files[0]+": ", func(t seatrial.T) { seatrial.On(spec.Engine{Host: f.Host}).Up(t, s) })
	over()
	t.Logf("it says\n%s", r.Errors())
	if strings.Contains(r.Errors(), "removing what the test made") {
		t.Errorf("the end of the test did not wait for the engine:\n%s", r.Errors())
	}
	if left := enginetest.Left(t, t.Name()); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
}

// If somebody else removes a container, the error says so.
func TestUpContainerIsRemoved(t *testing.T) {
	t.Parallel()
	img := probe(t)
	app := seatrial.Up(t, project(t, img, oneServer))
	web := app.Service(t, "web")
	web.Wait(t, wait.HTTP(8080, "/health"))
	enginetest.Docker(t, "rm", "--force", web.ID)
	for end := time.Now().Add(2 * time.Minute); len(app.Running(t).Containers) > 0 && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond) // the event comes on another connection
	if err := seatrial.Try(t, func(t seatrial.T) { app.Service(t, "web") }); !strings.Contains(errorText(err), `looking up service "web"`) {
		t.Errorf("the service says %v", err)
	}
	if err := seatrial.Try(t, func(t seatrial.T) { web.State(t) }); !strings.Contains(errorText(err), "it was removed while the test ran, by somebody else") {
		t.Errorf("its handle says %v", err)
	}
}
