// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
)

// What docker compose says while it succeeds is in the test's log; a volume that
// cannot become what the next files say fails the update.
func TestWhatComposeSays(t *testing.T) {
	t.Parallel()
	img := probe(t)
	text := func(volume, command string) string {
		return `services:
  web:
    image: example/probe:1
    command: ["-serve", ":80", "-print", "` + command + `"]
    ports: ["18080:80"]
    volumes: ["data:/data", "cache:/cache"]
    secrets: [{source: key, uid: "1000", mode: 0o400}]
secrets: {key: {file: key.txt}}
volumes:
  cache: {driver_opts: {type: tmpfs, device: tmpfs, o: size=1m}}
  data: ` + volume + "\n"
	}
	s := project(t, img, text("{labels: {version: one}}", "first"))
	file := filepath.Join(s.Files[0], "compose.yaml")
	writeFile(t, filepath.Join(filepath.Dir(file), "key.txt"), "key")
	var app *seatrial.Project
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		app = seatrial.Up(r, s)
		put(t, app.Service(r, "web").URL(r, 18080)+"/file/mark", "here")

		writeFile(t, file, strings.Replace(text("{labels: {version: one}}", "second"), "size=1m", "size=8m", 1))
		err := seatrial.Try(r, func(r seatrial.T) { app.Update(r, s) })
		if err == nil || !strings.Contains(err.Error(), "volume cache has the options ") || !strings.Contains(err.Error(), "size=8m") {
			t.Errorf("the update to another volume: %v", err)
		}

		writeFile(t, file, text("{labels: {version: two}}", "third"))
		app.Update(r, s)
		if got := get(t, app.Service(r, "web").URL(r, 18080)+"/file/mark"); got != "here" {
			t.Errorf("after the update the volume has %q, want what was there", got)
		}
	})
	if r.Failed() {
		t.Fatal(r.Errors())
	}
	for _, want := range []string{
		"warning: docker compose up: secrets `uid`, `gid` and `mode` are not supported, they will be ignored",
		`warning: volume data keeps its labels, which the files change to {"version":"two"}`,
	} {
		if strings.Count(r.Logs(), want) != 1 {
			t.Errorf("the log has not once %q:\n%s", want, r.Logs())
		}
	}
	if again := "exists but doesn't match configuration"; strings.Contains(r.Logs(), again) {
		t.Errorf("the log has %q, too:\n%s", again, r.Logs())
	}
}

// An update that keeps a container may take from it what others know it by.
func TestWhatKeptContainersLose(t *testing.T) {
	t.Parallel()
	img := probe(t)
	text := func(network string) string {
		return `services:
  web: {image: example/probe:1, command: ["-serve", ":80"], ports: ["18080:80"], networks: {front: {aliases: [shop]}}}
networks: {front: ` + network + "}\n"
	}
	s := project(t, img, text("{}"))
	r := enginetest.Record(t.Name(), time.Time{}, func(r *enginetest.Recorder) {
		app := seatrial.Up(r, s)
		writeFile(t, filepath.Join(s.Files[0], "compose.yaml"), text("{internal: true}"))
		app.Update(r, s)
	})
	discard(t, r)
	if strings.Contains(r.Logs(), "docker compose did not make it anew") {
		return // an older docker compose
	}
	for _, want := range []string{
		"warning: web is kept, and is not reached as shop, web any more in network front: docker compose made the network anew",
		"warning: web is kept, and does not publish its port 80 any more: nothing leads out of its networks (",
	} {
		if r.Failed() || !strings.Contains(r.Logs(), want) {
			t.Errorf("the log is\n%s%s\nwant in it %q", r.Logs(), r.Errors(), want)
		}
	}
}
