// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestWrapContainer(t *testing.T) {
	t.Parallel()
	img := probe(t)
	seatrial.Run(t, spec.Container{Image: img.Ref}) // so that what is below goes if the test is killed: it has a watchdog
	id := strings.TrimSpace(enginetest.Docker(t, "run", "--detach", "--publish", "127.0.0.1::80", img.Ref, "-print", "early", "-serve", ":80", "-farewell", "bye"))
	t.Cleanup(func() { _ = exec.Command("docker", "rm", "--force", "--volumes", id).Run() })
	there := func() bool {
		return strings.Contains(enginetest.Docker(t, "ps", "--all", "--no-trunc", "--quiet"), id)
	}
	wrapped := func(owned bool) {
		t.Helper()
		r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
			c := seatrial.WrapContainer(r, spec.Existing{Name: id[:12], As: "old", Owned: owned})
			c.Wait(r, wait.Log("early"), wait.HTTP(80, "/health"))
			if c.Name != "old" || c.ID != id {
				r.Errorf("it is %s, %s", c.Name, c.ID)
			}
			c.Restart(r)
			c.Wait(r, wait.HTTP(80, "/health"))
			if got := c.Stdout(r); !strings.HasPrefix(got, "early\nlistening on :80\nbye\n") {
				r.Errorf("Stdout = %q", got)
			}
			if got := c.Exec(r, spec.Exec{Command: []string{"/probe", "-print", "x"}}).Stdout; got != "x\n" {
				r.Errorf("Exec = %q", got)
			}
		})
		if r.Failed() {
			t.Errorf("owned %v: %s", owned, r.Errors())
		}
	}
	if wrapped(false); !there() {
		t.Fatal("a wrapped container is gone after the test")
	}
	if wrapped(true); there() {
		t.Error("a wrapped container that the test owned is left")
	}
	mustFail(t, `wrapping container "none-of-that": the engine (`, func(t seatrial.T) {
		seatrial.WrapContainer(t, spec.Existing{Name: "none-of-that"})
	})
	mustFail(t, "Name is not given", func(t seatrial.T) { seatrial.WrapContainer(t, spec.Existing{}) })
}

// Whatever a handle is asked after the end of its test, it says so.
func TestVerbsAfterTheEnd(t *testing.T) {
	t.Parallel()
	img := probe(t)
	var c *seatrial.Container
	var net *seatrial.Network
	t.Run("makes", func(t *testing.T) {
		net = seatrial.CreateNetwork(t, spec.Network{})
		c = seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-serve", ":80"}, Ready: wait.Log("listening")})
	})
	for name, verb := range map[string]func(t seatrial.T){
		"Start":    func(t seatrial.T) { c.Start(t) },
		"Stop":     func(t seatrial.T) { c.Stop(t) },
		"Kill":     func(t seatrial.T) { c.Kill(t, "HUP") },
		"Pause":    func(t seatrial.T) { c.Pause(t) },
		"Unpause":  func(t seatrial.T) { c.Unpause(t) },
		"State":    func(t seatrial.T) { c.State(t) },
		"ExitCode": func(t seatrial.T) { c.ExitCode(t) },
		"IP":       func(t seatrial.T) { c.IP(t, "") },
		"Exec":     func(t seatrial.T) { c.Exec(t, spec.Exec{Command: []string{"x"}}) },
		"CopyIn":   func(t seatrial.T) { c.CopyIn(t, "container.go", "/x") },
		"CopyOut":  func(t seatrial.T) { c.CopyOut(t, "/x", "x") },
		"Commit":   func(t seatrial.T) { c.Commit(t) },
		"Lines": func(t seatrial.T) {
			for range c.Lines(t) {
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			mustFail(t, "it was removed at the end of the test that made it", verb)
		})
	}
	mustFail(t, "the test that made or wrapped it has ended", func(t seatrial.T) { c.Stdout(t) })
	mustFail(t, "has no network", func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: img.Ref, Networks: []spec.Endpoint{{Network: net.Name}}})
	})
	if !strings.Contains(c.Logs(t), "listening") {
		t.Error("Logs are gone")
	}
}
