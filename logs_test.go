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
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// Output during shutdown is in the files, once.
func TestLogsOfThreeRestarts(t *testing.T) {
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
		c.Restart(t)                     // at once: lines of the shutdown are still on their way
		c.Wait(t, wait.Log("listening")) // from then on it handles the signal
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

func TestLogsInLines(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-print", "one", "-print", "!two", "-after", "200ms", "-serve", ":80", "-farewell", "bye"}})
	var got []string
	for line := range c.Lines(t) {
		if got = append(got, line); line == "listening on :80" {
			break
		}
	}
	slices.Sort(got[:2]) // two streams have no common order
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
	mustFailIn(t, 3*time.Second, "still following the log of late when time was up (the test's deadline", func(t seatrial.T) {
		for range seatrial.Run(t, spec.Container{Image: img.Ref, Name: "late", Command: []string{"-after", "1m"}}).Lines(t) {
		}
	})
}

// noise is not valid text.
const noise = "\x1f\x8b\x08\xff\xfe\x00 \xc3\x28 end"

// A program's output is complete, byte for byte, or the log says that it is not.
func TestLogsAreWhole(t *testing.T) {
	t.Parallel()
	img := probe(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "noise"), []byte(noise), 0o600); err != nil {
		t.Fatal(err)
	}
	enginetest.WriteFile(t, filepath.Join(dir, "Dockerfile"), "FROM "+img.Ref+"\nCOPY noise /noise\n")
	noisy := seatrial.Build(t, spec.Image{Context: dir})

	for about, flags := range map[string][]string{"run to its end": nil, "with flags": {"--hostname=x"}} {
		if got := seatrial.RunToEnd(t, spec.Container{Image: noisy.Ref, Command: []string{"-stat", "/noise"}, Flags: flags}).Stdout; !strings.HasSuffix(got, noise+"\n") {
			t.Errorf("%s: stdout = %q, want at its end %q", about, got, noise)
		}
	}

	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		s := project(t, noisy, `services:
  mute: {image: "example/probe:1", command: ["-print", "ready", "-serve", ":80"], logging: {driver: none}}
  short:
    image: example/probe:1
    command: ["-print", "first `+strings.Repeat("x", 30_000)+`", "-print", "`+strings.Repeat("y", 30_000)+`", "-serve", ":80"]
    logging: {driver: json-file, options: {max-size: 10k}}
  raw: {image: "example/probe:1", command: ["-stat", "/noise", "-serve", ":80"]}
  dump:
    image: example/probe:1
    command: ["-stat", "/noise"]
    profiles: [tools]
    logging: {driver: json-file, options: {max-size: 10k, tag: shop}}
`)
		s.Ready = map[string]wait.Condition{"mute": wait.Log("^ready$"), "short": wait.Log("^y+$"), "raw": wait.Log("end$")}
		app := seatrial.Up(r, s)
		if got := app.Service(r, "short").Stdout(r); !strings.HasPrefix(got, "first x") {
			r.Errorf("the log of what keeps little of it begins with %.20q", got)
		}
		if got := app.Run(r, "dump", spec.Exec{}).Stdout; !strings.HasSuffix(got, noise+"\n") {
			r.Errorf("Project.Run: stdout = %q, want at its end %q", got, noise)
		}
	})
	r.Discard(t)
	if r.Failed() {
		t.Error(r.Errors())
	}
	if want := "warning: raw: it prints bytes that are not UTF-8"; !strings.Contains(r.Logs(), want) {
		t.Errorf("the log is\n%s\nwant in it %q", r.Logs(), want)
	}

	r = mustFail(t, `srv did not log "x": what it prints is not to be had: its logging driver none keeps nothing`, func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-serve", ":80"}, Flags: []string{"--log-driver=none"}, Ready: wait.Log("x")})
	})
	if want := "warning: srv: what it prints is not to be had"; !strings.Contains(r.Logs(), want) {
		t.Errorf("the log is\n%s\nwant in it %q", r.Logs(), want)
	}
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Flags: []string{"--log-driver=none"}})
	c.Wait(t, wait.Exit(0))
}

// Logs of a container that has ended are complete, although the engine reports its end
// before it has delivered a long log.
func TestLogsOfTheEnded(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Command: []string{"-stat", "/probe", "-print", "the end"}})
	for !c.State(t).Ended() {
		time.Sleep(10 * time.Millisecond)
	}
	if got := c.Logs(t); !strings.HasSuffix(got, "the end\n") {
		t.Errorf("the log ends with %q", got[max(0, len(got)-100):])
	}
	if got := c.Stdout(t); !strings.HasSuffix(got, "the end\n") {
		t.Errorf("stdout ends with %q", got[max(0, len(got)-100):])
	}
}

// Output right after a restart belongs to the new life, even while the log of the
// previous one is still being read.
func TestLogsAfterManyRestarts(t *testing.T) {
	t.Parallel()
	img := probe(t)
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Command: []string{"-serve", ":80", "-farewell", "bye"}, Ready: wait.Log("listening")})
	for range enginetest.Sample(t, "SEATRIAL_RESTARTS", 5, 15, "restarts") {
		c.Restart(t)
		c.Wait(t, wait.Within(10*time.Second, wait.Log("^listening")))
	}
}
