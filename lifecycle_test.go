// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
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
	mustFail(t, "waiting for http :80/health of srv: exited with code 3", func(t seatrial.T) { c.Wait(t, wait.HTTP(80, "/health")) })
	mustFail(t, "is not running; its state: exited with code 3", func(t seatrial.T) { c.Kill(t, "") })
	c.Stop(t) // twice is no error

	c.Start(t)
	c.Wait(t, wait.HTTP(80, "/health"))
	if after := c.Port(t, 80); after == before {
		t.Logf("the port did not move: %d", after) // it may, and need not
	}
	mustFail(t, "looking at the exit code of srv: it has none, it is running", func(t seatrial.T) { c.ExitCode(t) })
	mustFail(t, "looking at the health of srv: it has no health check", func(t seatrial.T) { c.Health(t) })

	c.Pause(t)
	if got := c.State(t).Status; got != "paused" {
		t.Errorf("after Pause, the status is %q", got)
	}
	mustFail(t, "its state: paused", func(t seatrial.T) { c.Exec(t, spec.Exec{Command: []string{"/probe"}}) })
	mustFail(t, "pausing srv: ", func(t seatrial.T) { c.Pause(t) })
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

// What a container prints while it shuts down is in the files, once.
func TestThreeRestartsKeepEveryLine(t *testing.T) {
	t.Parallel()
	img := probe(t)
	var flags []string
	for i := range 200 {
		flags = append(flags, "-print", fmt.Sprintf("up %d", i))
	}
	flags = append(flags, "-serve", ":80")
	for i := range 200 {
		flags = append(flags, "-farewell", fmt.Sprintf("down %d", i))
	}
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: flags, Ready: wait.Log("listening")})
	for range 3 {
		c.Restart(t)                     // at once: the shutdown's lines are under way
		c.Wait(t, wait.Log("listening")) // by then it hears the signal
	}
	c.Wait(t, wait.Log("listening"))
	c.Stop(t)
	c.Wait(t, wait.Exit(0))
	var life []string
	for i := range 200 {
		life = append(life, fmt.Sprintf("up %d", i))
	}
	life = append(life, "listening on :80")
	for i := range 200 {
		life = append(life, fmt.Sprintf("down %d", i))
	}
	want := strings.Join(slices.Repeat(life, 4), "\n") + "\n"
	got, err := os.ReadFile(filepath.Join(seatrial.Artifacts(t), "srv.out"))
	if err != nil || string(got) != want {
		t.Errorf("srv.out has %d lines, %v, want %d:\n%.300s", strings.Count(string(got), "\n"), err, strings.Count(want, "\n"), got)
	}
	if c.Stdout(t) != want || c.Logs(t) != want {
		t.Error("Stdout or Logs differ from it")
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-print", "one", "-print", "!two", "-after", "200ms", "-serve", ":80", "-farewell", "bye"}})
	var got []string
	for line := range c.Lines(t) {
		if got = append(got, line); line == "listening on :80" {
			break
		}
	}
	slices.Sort(got[:2]) // of two streams
	if want := "one two listening on :80"; strings.Join(got, " ") != want {
		t.Errorf("the lines are %q, want %q", got, want)
	}
	go c.Stop(t)
	got = nil
	for line := range c.Lines(t) {
		got = append(got, line)
	}
	if len(got) != 4 || got[3] != "bye" {
		t.Errorf("the lines to the end are %q", got)
	}
	if out, err := c.Stdout(t), c.Stderr(t); out != "one\nlistening on :80\nbye\n" || err != "two\n" {
		t.Errorf("apart, the streams are %q and %q", out, err)
	}
	mustFailIn(t, 3*time.Second, "following the log of late: context deadline exceeded", func(t seatrial.T) {
		for range seatrial.Run(t, spec.Container{Image: img.Ref, Name: "late", Command: []string{"-after", "1m"}}).Lines(t) {
		}
	})
}

func TestIPAndHealth(t *testing.T) {
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
