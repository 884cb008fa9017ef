// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/wait"
)

// noise is no text.
const noise = "\x1f\x8b\x08\xff\xfe\x00 \xc3\x28 end"

// What a program prints is there byte for byte, and all of it; or it is said that it
// is not.
func TestLogsAreWhole(t *testing.T) {
	t.Parallel()
	img := probe(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "noise"), []byte(noise), 0o600); err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "Dockerfile"), "FROM "+img.Ref+"\nCOPY noise /noise\n")
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
	discard(t, r)
	if r.Failed() {
		t.Error(r.Errors())
	}
	if want := "warning: raw: it prints bytes that are not UTF-8"; !strings.Contains(r.Logs(), want) {
		t.Errorf("the log is\n%s\nwant in it %q", r.Logs(), want)
	}

	r = mustFail(t, `waiting for log "x" of srv: what it prints is not to be had: its logging driver none keeps nothing`, func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Command: []string{"-serve", ":80"}, Flags: []string{"--log-driver=none"}, Ready: wait.Log("x")})
	})
	if want := "warning: srv: what it prints is not to be had"; !strings.Contains(r.Logs(), want) {
		t.Errorf("the log is\n%s\nwant in it %q", r.Logs(), want)
	}
	c := seatrial.Run(t, spec.Container{Image: img.Ref, Name: "srv", Flags: []string{"--log-driver=none"}})
	c.Wait(t, wait.Exit(0))
}
