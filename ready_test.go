// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// A container that ends a moment after its start is never ready, whichever verb started
// it.
func TestReadyIsNotWhatEndsSoon(t *testing.T) {
	t.Parallel()
	img := probe(t)
	soon := []string{"-after", "250ms", "-print", "!no licence", "-exit", "2"}
	tests := []struct {
		about, want string
		do          func(t seatrial.T)
	}{
		{"run", "srv exited with code 2 before becoming ready: no licence", func(t seatrial.T) {
			seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: soon})
		}},
		{"up", "web exited with code 2 before becoming ready: no licence", func(u seatrial.T) {
			seatrial.Up(u, project(t, img, `services:
  other: {image: "example/probe:1", command: ["-serve", ":80"]}
  web: {image: "example/probe:1", command: ["-after", "250ms", "-print", "!no licence", "-exit", "2"]}
`))
		}},
		{"again and again", "web keeps crashing (exit code 78, ", func(u seatrial.T) {
			seatrial.Up(u, project(t, img, `services:
  web: {image: "example/probe:1", command: ["-print", "!no licence", "-exit", "78"], restart: always}
`))
		}},
		{"again and again, while others are waited for", "web keeps crashing (exit code 78, ", func(u seatrial.T) {
			s := project(t, img, `services:
  late: {image: "example/probe:1", command: ["-after", "4s", "-serve", ":80"]}
  web: {image: "example/probe:1", command: ["-after", "1s", "-print", "!no licence", "-exit", "78"], restart: always}
`)
			s.Ready = map[string]wait.Condition{"late": wait.Log("listening")}
			seatrial.Up(u, s)
		}},
		{"again and again, and docker compose calls it unhealthy", "db keeps crashing (exit code 78, ", func(u seatrial.T) {
			s := project(t, img, `services:
  db:
    image: example/probe:1
    command: ["-print", "!no licence", "-exit", "78"]
    restart: always
    healthcheck: {test: ["CMD", "/probe", "-exit", "1"], interval: 1s, start_period: 10m}
  api: {image: "example/probe:1", command: ["-serve", ":80"], depends_on: {db: {condition: service_healthy}}}
  web: {image: "example/probe:1", command: ["-serve", ":80"], depends_on: [api]}
`)
			seatrial.Up(u, s)
		}},
		{"again and again, under a condition", `web keeps crashing (exit code 78, `, func(u seatrial.T) {
			s := project(t, img, `services:
  web: {image: "example/probe:1", command: ["-after", "600ms", "-print", "!no licence", "-exit", "78"], restart: always}
`)
			s.Ready = map[string]wait.Condition{"web": wait.Log("never")}
			seatrial.Up(u, s)
		}},
		{"again and again, and each life fulfils the condition", `loops keeps crashing (exit code 78, `, func(u seatrial.T) {
			later := wait.Func("later", func(context.Context) error { // after a restart
				id := strings.TrimSpace(enginetest.Docker(t, "ps", "--all", "--quiet", "--filter", "ancestor="+img.Ref, "--filter", "name=loops"))
				if strings.TrimSpace(enginetest.Docker(t, "inspect", "--format", "{{.RestartCount}}", id)) == "0" {
					return errors.New("not yet")
				}
				return nil
			})
			seatrial.Run(u, spec.Container{Image: img.Ref, Name: "loops", Command: []string{"-print", "!no licence", "-after", "100ms", "-exit", "78"},
				Ready: wait.All(wait.Log("no licence"), later), Flags: []string{"--restart", "always"}})
		}},
	}
	for _, test := range tests {
		t.Run(test.about, func(t *testing.T) {
			t.Parallel()
			err := seatrial.Try(t, test.do)
			first, _, _ := strings.Cut(errorText(err), "\n")
			if !strings.Contains(first, test.want) || !strings.Contains(first, "no licence") {
				t.Errorf("the error is\n%s\nwant in its first line %q, and why", errorText(err), test.want)
			}
			var exit *wait.ExitError
			if !errors.As(err, &exit) || exit.State.ExitCode != 2 && exit.State.ExitCode != 78 {
				t.Errorf("errors.As finds %+v, want an ExitError with the exit code", exit)
			}
		})
	}
	seatrial.Run(t, spec.Container{Image: img.Ref, Command: soon, ExitCodes: []int{0, 2}})
}

// A verb returns when a server listens on every published port, or warns that none
// does and goes on.
func TestReadyPortsAreListenedOn(t *testing.T) {
	t.Parallel()
	img := probe(t)
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		app := seatrial.Up(r, project(t, img, `services:
  late: {image: "example/probe:1", command: ["-after", "1s", "-serve", ":80"], ports: ["8080:80"]}
  other: {image: "example/probe:1", command: ["-serve", ":81"], ports: ["8081:80", "8082:81"]}
  inner: {image: "example/probe:1", command: ["-serve", "127.0.0.1:80"], ports: ["8083:80"]}
`))
		got, err := enginetest.Request("GET", app.Service(r, "late").URL(r, 8080)+"/health", "")
		if (err != nil || got != "ok\n") && !strings.Contains(r.Logs(), "late was started") { // on a very slow machine
			r.Errorf("the first request to what listens late: %q, %v", got, err)
		}
	})
	r.Discard(t)
	if r.Failed() {
		t.Errorf("the start failed: %s", r.Errors())
	}
	for name, what := range map[string]string{
		"other": "nothing listens on its published port 80 (listening inside: [::]:81)",
		"inner": "it listens on 127.0.0.1:80 only; a published port reaches the container's address",
	} {
		warning := regexp.MustCompile("warning: " + name + " was started (.*?) ago(?: \\(.*?\\))?, and " + regexp.QuoteMeta(what)).FindStringSubmatch(r.Logs())
		if warning == nil {
			t.Fatalf("the log is\n%s\nwant in it that nothing of %s is reached, and %q", r.Logs(), name, what)
		}
		if ran, err := time.ParseDuration(warning[1]); err != nil || ran < 3*time.Second {
			t.Errorf("warned after %v (%v), want 3s at least", ran, err)
		}
	}
}

// A life that begins during the wait for a server gets the full time.
func TestReadyEachLifeHasTimeToListen(t *testing.T) {
	t.Parallel()
	img := probe(t)
	for attempt := 1; ; attempt++ {
		name := fmt.Sprintf("deaf%d", attempt)
		warned, restarted := restartedWhileDeaf(t, img, name)
		passed := time.Since(restarted)
		if first, _, _ := strings.Cut(warned, "\n"); strings.Contains(first, name+" was started ") && passed >= listenTime-time.Second/2 {
			return
		}
		if strings.Contains(warned, "its program has not begun") && attempt < 12 { // the machine is too slow at the moment
			continue
		}
		if attempt >= 5 { // on a slow machine the warning may come before the first life is over
			t.Fatalf("the log %v after the start of the second life is\n%s\nwant a warning, after %v", passed, warned, listenTime)
		}
	}
}

// restartedWhileDeaf runs a container that never listens, restarts it after half of its
// time, and returns the log, and the time of the restart.
func restartedWhileDeaf(t *testing.T, img *seatrial.Image, name string) (log string, restarted time.Time) {
	var again sync.WaitGroup
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		again.Go(func() {
			for id := ""; restarted.IsZero(); time.Sleep(100 * time.Millisecond) {
				if id = enginetest.Docker(t, "ps", "--quiet", "--filter", "ancestor="+img.Ref, "--filter", "name="+name+"-"); id != "" {
					time.Sleep(1500 * time.Millisecond) // it is ready except for its port
					enginetest.Docker(t, "restart", "--time", "0", id)
					restarted = time.Now()
				}
			}
		})
		seatrial.Run(r, spec.Container{Image: img.Ref, Name: name, Command: []string{"-after", "1h"}, Ports: []int{80}})
		again.Wait()
	})
	r.Discard(t)
	log = r.Logs() + r.Errors()
	if i := strings.Index(log, "warning: "); i >= 0 {
		log = log[i:]
	}
	return log, restarted
}

// listenTime is how long a server may take to listen.
const listenTime = 3 * time.Second
