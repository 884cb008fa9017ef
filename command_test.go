// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"bytes"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestStartDocker(t *testing.T) {
	t.Parallel()
	img := probe(t)
	events := seatrial.StartDocker(t, spec.Command{Args: []string{"events", "--since", "5m", "--filter", "type=volume", "--format", "{{.Action}} {{.Actor.ID}}"}, Name: "events"})
	vol := seatrial.CreateVolume(t, spec.Volume{})
	events.Wait(t, wait.Log("create "+vol.Name))
	if r := events.Stop(t); !strings.Contains(r.Stdout, "create "+vol.Name+"\n") {
		t.Errorf("events printed %+v", r)
	}
	events.Stop(t)
	if r := events.Result(t); !strings.Contains(r.Stdout, vol.Name) {
		t.Errorf("after Stop the result is %+v", r)
	}

	// One that serves, in the foreground of docker.
	name, labels := seatrial.Own(t, "container", "web")
	args := append([]string{"run", "--name", name, "--publish", "127.0.0.1::80"}, labels...)
	web := seatrial.StartDocker(t, spec.Command{Args: append(args, img.Ref, "-serve", ":80"), Name: "web"})
	web.Wait(t, wait.Log("listening"))
	c := seatrial.WrapContainer(t, spec.Existing{Name: name, As: "wrapped"})
	c.Wait(t, wait.HTTP(80, "/health"))
	if r := web.Stop(t); r.ExitCode != 0 {
		t.Errorf("docker run ended with %+v", r)
	}
	c.Wait(t, wait.Exit(0)) // the signal was passed on
}

func TestCommandEnds(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	ok := seatrial.StartDocker(t, spec.Command{Program: "sh", Args: []string{"-c", "echo out; echo err >&2; printf end; exit 5"}, ExitCodes: []int{5}})
	ok.Wait(t, wait.Log("^err$"), wait.Exit(5), wait.Log("^end$"))
	if diff := cmp.Diff(seatrial.Result{ExitCode: 5, Stdout: "out\nend", Stderr: "err\n"}, *ok.Result(t)); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}

	asks := seatrial.StartDocker(t, sh("printf 'Password: '; sleep 60"))
	var err error
	for want := `and "Password:", a line that has not ended`; ; {
		err = seatrial.Try(t, func(t seatrial.T) { asks.Wait(t, wait.Within(time.Second, wait.Log("^Password: $"))) })
		if err != nil && strings.Contains(err.Error(), want) {
			break
		}
		if text := errorText(err); !strings.Contains(text, "logged no line") { // it has not printed it yet, on a slow machine
			t.Errorf("waiting for a prompt: %s, want that it says %q", text, want)
			break
		}
	}
	asks.Stop(t)

	bad := seatrial.StartDocker(t, sh("echo no licence; exit 6"))
	err = seatrial.Try(t, func(t seatrial.T) { bad.Wait(t, wait.Log("ready")) })
	var exit *wait.ExitError
	if !errors.As(err, &exit) || exit.State.ExitCode != 6 || !strings.HasPrefix(err.Error(), `waiting for log "ready" of sh: exited with code 6: no licence`) {
		t.Errorf("waiting for what never comes: %v", err)
	}
	err = seatrial.Try(t, func(t seatrial.T) { bad.Result(t) })
	var command *seatrial.CommandError
	if !errors.As(err, &command) || command.ExitCode != 6 {
		t.Errorf("the result of one that failed: %v", err)
	}
	err = seatrial.Try(t, func(t seatrial.T) { bad.Wait(t, wait.HTTP(1, "/")) })
	if !errors.As(err, &exit) {
		t.Errorf("a port of one that ended: %v", err)
	}

	// A port of this machine.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().(*net.TCPAddr)
	l.Close()
	server := seatrial.StartDocker(t, spec.Command{Program: filepath.Join(enginetest.ProbeContext(t), "probe"), Args: []string{"-after", "300ms", "-serve", addr.String()}})
	server.Wait(t, wait.Listening(addr.Port), wait.HTTP(addr.Port, "/health"))
	if r := server.Stop(t); r.ExitCode != 0 {
		t.Errorf("the server ended with %+v", r)
	}

	late := seatrial.StartDocker(t, spec.Command{Program: "sh", Args: []string{"-c", "sleep 60"}, TimeLimit: 300 * time.Millisecond})
	err = seatrial.Try(t, func(t seatrial.T) { late.Result(t) })
	if !errors.As(err, &command) || command.ExitCode != -1 || !strings.Contains(err.Error(), "did not end within") {
		t.Errorf("one that is late: %v", err)
	}
	err = seatrial.Try(t, func(t seatrial.T) { seatrial.StartDocker(t, spec.Command{Program: "none-such"}) })
	if err == nil || !strings.Contains(err.Error(), "executable file not found") {
		t.Errorf("no such program: %v", err)
	}
}

// marked lists the processes whose environment has this MARKER.
func marked(marker string) []string {
	var all []string
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		env, _ := os.ReadFile(file) // not that of another user, or of one that is gone
		if bytes.Contains(env, []byte("MARKER="+marker+"\x00")) {
			command, _ := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
			all = append(all, string(command))
		}
	}
	return all
}

// What runs in the background outlives the T that it was started with, and ends
// with the test, whatever it left in its process group.
func TestCommandEndsWithTheTest(t *testing.T) {
	t.Parallel()
	enginetest.Need(t)
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("processes are looked for in /proc: ", err)
	}
	marker := t.TempDir()
	var ran, cleaned bool
	r := enginetest.Record(t.Name(), time.Time{}, func(t *enginetest.Recorder) {
		var c *seatrial.Command
		t.Cleanup(func() { cleaned = true })
		seatrial.Together(t, func(t seatrial.T) {
			// Neither listens to SIGTERM.
			c = seatrial.StartDocker(t, spec.Command{Program: "sh", Args: []string{"-c", `trap "" TERM; (sleep 60; :) & echo up; wait; sleep 60`}, Env: map[string]string{"MARKER": marker}})
		})
		_ = seatrial.Try(t, func(t seatrial.T) { c.Wait(t, wait.Log("up")); t.FailNow() })
		time.Sleep(100 * time.Millisecond)
		ran = len(marked(marker)) > 1
	})
	if !ran || !cleaned || r.Failed() {
		t.Errorf("ran = %v, cleaned = %v: %s", ran, cleaned, r.Errors())
	}
	if left := marked(marker); len(left) > 0 {
		t.Errorf("these are left: %q", left)
	}
	if !strings.Contains(r.Logs(), ": was ended: the test has ended, after ") {
		t.Errorf("the log is\n%s", r.Logs())
	}
}

func TestOwn(t *testing.T) {
	t.Parallel()
	img := probe(t)
	r := enginetest.Record(t.Name(), time.Time{}, func(t *enginetest.Recorder) {
		docker := func(args ...string) string {
			t.Helper()
			return seatrial.Docker(t, spec.Command{Args: args}).Stdout
		}
		network, labels := seatrial.Own(t, "network", "")
		docker(append(append([]string{"network", "create"}, labels...), network)...)
		volume, labels := seatrial.Own(t, "volume", "data")
		docker(append(append([]string{"volume", "create"}, labels...), volume)...)
		container, labels := seatrial.Own(t, "container", "box")
		docker(append(append([]string{"run", "--detach", "--name", container, "--network", network, "--volume", volume + ":/data", "--volume", "/anonymous"}, labels...), img.Ref, "-after", "5m")...)
		seatrial.Own(t, "container", "never made")
		for _, kind := range []string{"network", "volume", "container"} {
			if got := docker(kind, "ls", "--quiet", "--filter", "label=io.github.seatrial.kind="+kind, "--filter", "label=io.github.seatrial.test="+t.Name()); strings.Count(got, "\n") != 1 {
				t.Errorf("of the kind %s there are %q", kind, got)
			}
		}
		if !strings.Contains(container, "-box-") || len(container) > 63 {
			t.Errorf("the container is called %s", container)
		}
	})
	if r.Failed() {
		t.Error(r.Errors())
	}
	discard(t, r)
	if left := enginetest.Left(t, t.Name()); left != "" {
		t.Errorf("left are\n%s", left)
	}
	mustFail(t, `owning a "service"`, func(t seatrial.T) { seatrial.Own(t, "service", "") })
}
