// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestStopStartKillPause(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-serve", ":80", "-farewell", "bye", "-exit", "3"},
		Ports: []int{80}, Ready: wait.HTTP(80, "/health")})
	before := c.Port(t, 80)

	c.Stop(t)
	if got := c.State(t); got.Status != "exited" || c.ExitCode(t) != 3 {
		t.Errorf("after Stop, the state is %+v", got)
	}
	mustFail(t, "looking up port 80 of srv: it has no ports: it exited with code 3", func(t seatrial.T) { c.Port(t, 80) })
	mustFail(t, "srv exited with code 3 before answering http :80/health", func(t seatrial.T) { c.Wait(t, wait.HTTP(80, "/health")) })
	mustFail(t, "killing srv: it exited with code 3", func(t seatrial.T) { c.Kill(t, "") })
	c.Stop(t) // twice is no error

	c.Start(t)
	c.Wait(t, wait.HTTP(80, "/health"))
	if after := c.Port(t, 80); after == before {
		t.Logf("the port did not move: %d", after) // it may move, but need not
	}
	mustFail(t, "looking at the exit code of srv: it has none, it is running", func(t seatrial.T) { c.ExitCode(t) })
	mustFail(t, "looking at the health of srv: it has no health check", func(t seatrial.T) { c.Health(t) })

	c.Pause(t)
	if got := c.State(t).Status; got != "paused" {
		t.Errorf("after Pause, the status is %q", got)
	}
	mustFail(t, "in srv: it is paused", func(t seatrial.T) { c.Exec(t, spec.Exec{Command: []string{"/probe"}}) })
	mustFail(t, "pausing srv: it is paused", func(t seatrial.T) { c.Pause(t) })
	c.Unpause(t)
	c.Wait(t, wait.HTTP(80, "/health"))

	mustFail(t, "sending SIGNONE to srv: ", func(t seatrial.T) { c.Kill(t, "SIGNONE") })
	c.Kill(t, "SIGTERM")
	c.Wait(t, wait.Exit(3))
	c.Start(t)
	c.Wait(t, wait.Log("listening"))
	c.Kill(t, "")
	c.Wait(t, wait.Exit(137))
}

func TestStartIPAndHealth(t *testing.T) {
	t.Parallel()
	img := probe(t)
	net := seatrial.CreateNetwork(t, spec.Network{Name: "net", Labels: map[string]string{"mine": "1"}})
	inside := seatrial.CreateNetwork(t, spec.Network{Name: "inside", Internal: true})
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-serve", ":80"},
		Networks:    []spec.Endpoint{{Network: net.Name, Aliases: []string{"web"}}, {Network: inside.Name, Aliases: []string{"hidden"}}},
		Healthcheck: &spec.Healthcheck{Command: []string{"/probe", "-check", "http://127.0.0.1/health"}, Interval: 100 * time.Millisecond}})
	if got := c.Health(t); got != "healthy" {
		t.Errorf("after Run, the health is %q", got)
	}
	asks := func(network, url string) *seatrial.Result {
		return seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Networks: []spec.Endpoint{{Network: network}}, Command: []string{"-check", url}, ExitCodes: []int{0, 1}})
	}
	for _, url := range []string{"http://web/health", "http://" + c.IP(t, net.Name) + "/health"} {
		if r := asks(net.Name, url); r.ExitCode != 0 {
			t.Errorf("in the network, %s is not reached: %s", url, r.Stdout)
		}
	}
	if r := asks(inside.Name, "http://hidden/health"); r.ExitCode != 0 {
		t.Errorf("in the internal network, it is not reached: %s", r.Stdout)
	}
	if r := asks(inside.Name, "http://web/health"); r.ExitCode == 0 {
		t.Error("in another network, the alias of the first is reached")
	}
	mustFail(t, `looking up the IP address of srv: it is not in network "none"; it is in `, func(t seatrial.T) { c.IP(t, "none") })
	mustFail(t, `it is not in network ""; it is in `, func(t seatrial.T) { c.IP(t, "") })
	c.Stop(t)
	mustFail(t, "it has none in that network", func(t seatrial.T) { c.IP(t, net.Name) })
}

// A failed restart names the service that caused it, and not one that it has itself
// stopped with SIGKILL.
func TestRestartBlamesTheUnhealthy(t *testing.T) {
	t.Parallel()
	app := seatrial.Up(t, project(t, probe(t), `services:
  a:
    image: example/probe:1
    command: ["-deaf", "-serve", ":80"]
    stop_grace_period: 100ms
    depends_on: {b: {condition: service_healthy}}
  b:
    image: example/probe:1
    command: ["-serve", ":80"]
    healthcheck: {test: [CMD, /probe, -check, "http://c/health"], interval: 200ms, retries: 1, start_period: 1m} # until c listens
  c: {image: "example/probe:1", command: ["-serve", ":80"]}
`))
	app.Stop(t, "c")
	b := app.Service(t, "b")
	for end := time.Now().Add(time.Minute); b.Health(t) != "unhealthy"; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("b does not turn unhealthy")
		}
	}
	err := seatrial.Try(t, func(t seatrial.T) { app.Restart(t, "a") })
	if first, _, _ := strings.Cut(errorText(err), "\n"); !strings.Contains(first, "b is unhealthy") {
		t.Errorf("it fails with %q, want b, which is unhealthy", errorText(err))
	}
}

const storeAndJob = `services:
  store:
    image: example/probe:1
    command: ["-farewell", "bye", "-serve", ":80"]
    ports: ["8080:80"]
    volumes: [stock:/data]
    healthcheck: {test: [CMD, /probe, -check, "http://127.0.0.1/health"], interval: 100ms}
  job:
    image: example/probe:1
    command: ["-print", "job done"]
    depends_on: {store: {condition: service_healthy}}
volumes: {stock: {}}
`

func TestStopAndStartOfProject(t *testing.T) {
	t.Parallel()
	img := probe(t)
	app := seatrial.Up(t, project(t, img, storeAndJob))
	store, job := app.Service(t, "store"), app.Service(t, "job")
	enginetest.Put(t, store.URL(t, 8080)+"/file/name", "kept")

	app.Stop(t)
	for _, c := range []*seatrial.Container{store, job} {
		if s := c.State(t); !s.Ended() {
			t.Errorf("after Stop, %s is %s", c.Name, s)
		}
	}
	if got := store.Logs(t); !strings.Contains(got, "bye") {
		t.Errorf("the store was not asked to stop: its log is %q", got)
	}
	app.Start(t)
	if got := enginetest.Get(t, store.URL(t, 8080)+"/file/name"); got != "kept" || store.Health(t) != "healthy" {
		t.Errorf("after Start, the store has %q and is %s, want kept and healthy", got, store.Health(t))
	}
	got := 0
	for end := time.Now().Add(2 * time.Minute); got < 2 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		got = strings.Count(job.Logs(t), "job done") // its last line may still be on its way
	}
	if got != 2 {
		t.Errorf("the job was done %d times, want 2", got)
	}
	app.Stop(t, "store")
	if s := store.State(t); !s.Ended() {
		t.Errorf("the store is %s", s)
	}
	app.Start(t, "store")
	before := store.State(t).StartID
	app.Restart(t, "store")
	if s := store.State(t); s.StartID == before || s.Health != "healthy" {
		t.Errorf("after Restart the store is %+v, in life %s before", s, before)
	}
	if got := strings.Count(job.Logs(t), "job done"); got != 2 {
		t.Errorf("restarting the store did the job again: %d times in all", got)
	}
	if err := seatrial.Try(t, func(t seatrial.T) { app.Stop(t, "stoer") }); !strings.Contains(errorText(err), `service "stoer" has no container; there are job, store`) {
		t.Errorf("stopping a service that does not exist: %v", err)
	}
}
