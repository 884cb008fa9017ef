// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

func TestEndOfHandles(t *testing.T) {
	t.Parallel()
	img := probe(t)
	var c *seatrial.Container
	t.Run("makes", func(t *testing.T) {
		c = seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-serve", ":80"}, Ports: []int{80}})
	})
	const want = "it was removed at the end of the test that made it"
	mustFail(t, want, func(t seatrial.T) { c.Port(t, 80) })
	mustFail(t, want, func(t seatrial.T) { c.Restart(t) })
	mustFail(t, want, func(t seatrial.T) { c.Wait(t, wait.Healthy()) })
	mustFail(t, "waiting for srv: the condition is nil", func(t seatrial.T) { c.Wait(t, nil) })
}

// A test may end while a verb works in a goroutine.
func TestEndWhileAVerbIsAtWork(t *testing.T) {
	t.Parallel()
	img := probe(t)
	for _, n := range rand.Perm(11)[:enginetest.Sample(t, "SEATRIAL_CUTOFFS", 4, 11, "moments at which a test ends before its verb")] {
		pause := time.Duration(5*(n+1)) * time.Millisecond
		done := make(chan struct{})
		r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
			seatrial.Artifacts(r)
			go func() {
				defer close(done)
				seatrial.Run(r, spec.Container{Image: img.Ref, Name: "late", Command: []string{"-after", "1m"}})
			}()
			time.Sleep(pause)
		})
		r.Discard(t)
		<-done
		r.CleanUp() // in case the verb began after the end
	}
	if left := enginetest.Docker(t, "ps", "--all", "--filter", "label=io.github.seatrial.test="+t.Name(), "--format", "{{.Names}} {{.Status}}"); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
}

// A refused request says nothing about the services, so the end of the test reports what
// happened to them.
func TestEndTellsWhatBecameOfContainers(t *testing.T) {
	t.Parallel()
	img := probe(t)
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		s := project(t, img, "services: {web: {image: 'example/probe:1', command: ['-after', '1s', '-print', '!no licence', '-exit', '2']}}\n")
		s.Ready = map[string]wait.Condition{"web": wait.Log("no licence")} // printed at once
		seatrial.Up(r, s).Service(r, "web").Wait(r, wait.Exit(2))
		app := seatrial.Up(r, project(t, img, "services:\n  lost: &server {image: 'example/probe:1', command: ['-serve', ':80']}\n  less: *server\n"))
		app.Scale(r, "less", 0)
		enginetest.Docker(t, "rm", "--force", app.Service(r, "lost").ID)
		server := spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-print", "error: before it was ready", "-serve", ":80"}, Ports: []int{80}, Ready: wait.HTTP(80, "/health")}
		srv := seatrial.Run(r, server)
		enginetest.GetNow(t, srv.URL(t, 80)+"/say?line=error:+relation+orders+is+missing")
		srv.Wait(r, wait.Log("orders is missing"))
		server.Name = "stopped"
		seatrial.Run(r, server).Kill(r, "")
		r.Errorf("connection refused")
	})
	r.Discard(t)
	for _, want := range []string{"web exited with code 2: no licence", "lost was removed while the test ran, by somebody else or by a command of the test", "srv has logged since it was ready: error: relation orders is missing"} {
		if !strings.Contains(r.Logs(), want) {
			t.Errorf("the log of a failed test is\n%s\nwant in it %q", r.Logs(), want)
		}
	}
	if strings.Contains(r.Logs(), "stopped ") || strings.Contains(r.Logs(), "less was removed") || strings.Contains(r.Logs(), "before it was ready") {
		t.Errorf("the log of a failed test has what is no news:\n%s", r.Logs())
	}
}

// A test that passes also reports a service that died after it was ready. It does not
// report one that the test has stopped or that ended well, nor lines of a log.
func TestEndOfAPassedTestTellsWhatDied(t *testing.T) {
	t.Parallel()
	img := probe(t)
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		s := project(t, img, `services:
  web: {image: 'example/probe:1', command: ['-print', '!no licence', '-serve', ':80', '-exit', '2']}
  job: {image: 'example/probe:1', command: ['-print', 'error: none', '-serve', ':80']}
`)
		s.Ready = map[string]wait.Condition{"web": wait.Log("no licence"), "job": wait.Log("error: none")}
		p := seatrial.Up(r, s)
		for name, code := range map[string]int{"web": 2, "job": 0} {
			c := p.Service(r, name)
			enginetest.Docker(t, "kill", "--signal", "TERM", c.ID) // seatrial does not know that it was the test
			c.Wait(r, wait.Exit(code))
		}
		small := seatrial.Run(r, spec.Container{Image: img.Ref, Name: "small", Command: []string{"-serve", ":80"}, Flags: []string{"--memory", "32m", "--memory-swap", "32m"}, Ready: wait.Log("listening")})
		if eaten := small.Exec(r, spec.Exec{Command: []string{"/probe", "-eat", "256"}, ExitCodes: []int{137}}); eaten.ExitCode != 137 {
			t.Errorf("a program that eats 256 MiB of 32 ended with %d: %s", eaten.ExitCode, eaten.Stderr)
		}
		stopped := seatrial.Run(r, spec.Container{Image: img.Ref, Name: "stopped", Command: []string{"-serve", ":80"}, Ready: wait.Log("listening")})
		stopped.Kill(r, "")
	})
	if r.Failed() {
		t.Fatal(r.Errors())
	}
	for _, want := range []string{"web exited with code 2: no licence", "small is short of memory: a program in it was killed for want of memory: its limit is 32MiB"} {
		if !strings.Contains(r.Logs(), want) {
			t.Errorf("the log of a test that passed lacks %q:\n%s", want, r.Logs())
		}
	}
	for _, no := range []string{"job exited", "has logged", "stopped exited"} {
		if strings.Contains(r.Logs(), no) {
			t.Errorf("the log of a test that passed says %q, which is no news:\n%s", no, r.Logs())
		}
	}
}

// A verb that a goroutine starts after the end of its test fails: the test must not
// wait for it, and nothing may be made later.
func TestEndCutsOffVerbs(t *testing.T) {
	t.Parallel()
	img := probe(t)
	ended := make(chan time.Time, 1)
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		seatrial.Run(r, spec.Container{Image: img.Ref, Command: []string{"-serve", ":80"}, Ready: wait.Log("listening")})
		begun := make(chan struct{})
		go func() {
			defer func() { ended <- time.Now() }()
			<-r.Context().Done()
			close(begun)
			seatrial.Run(r, spec.Container{Image: img.Ref, Name: "late", Command: []string{"-serve", ":80"}, Ready: wait.Log("never said")})
		}()
		r.Cleanup(func() {
			<-begun
			time.Sleep(500 * time.Millisecond) // so that it is working
		})
	})
	r.Discard(t)
	select {
	case <-ended:
	default:
		t.Error("the test ended before what its goroutine had begun")
	}
	if !strings.Contains(r.Errors(), "late") || strings.Contains(r.Errors(), "still builds or starts") {
		t.Errorf("the test said %q, want why the container called late did not get ready", r.Errors())
	}
	if left := enginetest.Left(t, t.Name()); left != "" {
		t.Errorf("left behind:\n%s", left)
	}
}

// Every method of a handle fails after the end of its test, and says why.
func TestEndOfVerbs(t *testing.T) {
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
