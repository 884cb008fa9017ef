// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
)

// A project that was taken down comes up again with its data, one that was removed
// without.
func TestUpAfterDown(t *testing.T) {
	t.Parallel()
	app := seatrial.Up(t, project(t, probe(t), `services:
  web:
    image: example/probe:1
    command: ["-serve", ":80", "-farewell", "bye"]
    ports: ["8080:80"]
    volumes: ["data:/data"]
volumes:
  data:
`))
	web := app.Service(t, "web")
	enginetest.Put(t, web.URL(t, 8080)+"/file/name", "kept")
	app.Down(t)
	if !strings.Contains(web.Logs(t), "bye") {
		t.Errorf("the service was not stopped, but killed; its log:\n%s", web.Logs(t))
	}
	if is := app.Running(t); len(is.Containers)+len(is.Networks) > 0 || len(is.Volumes) != 1 {
		t.Errorf("after Down there are %+v, want one volume", is)
	}
	for want, verb := range map[string]func(seatrial.T){
		"it was taken down":   func(t seatrial.T) { app.Service(t, "web") },
		"scaling web of":      func(t seatrial.T) { app.Scale(t, "web", 2) },
		"it is gone: replace": func(t seatrial.T) { web.Addr(t, 8080) },
	} {
		mustFail(t, want, verb)
	}
	app.Down(t) // a second time is no error
	app.Up(t)
	web = app.Service(t, "web")
	if got := enginetest.Get(t, web.URL(t, 8080)+"/file/name"); got != "kept" {
		t.Errorf("after Down and Up the volume has %q, want kept", got)
	}
	app.Remove(t)
	if is := app.Running(t); len(is.Containers)+len(is.Networks)+len(is.Volumes) > 0 {
		t.Errorf("after Remove there are %+v, want nothing", is)
	}
	app.Up(t)
	resp, err := http.Get(app.Service(t, "web").URL(t, 8080) + "/file/name")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound {
		t.Errorf("after Remove and Up the volume has the file: status %s", resp.Status)
	}
}
