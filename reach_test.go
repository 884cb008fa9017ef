// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/internal/enginetest"
	"github.com/seatrial/seatrial/spec"
)

// called starts a server of the test on 127.0.0.1 that answers with its name.
func called(t *testing.T, name string) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, name) }))
	t.Cleanup(s.Close)
	return s.URL
}

// Containers reach servers of the test by the name and port that the files use, and each
// copy reaches those of its own test.
func TestUpReach(t *testing.T) {
	t.Parallel()
	img := probe(t)
	const file = `services:
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["80"]
    extra_hosts: ["hooks.example.com:192.0.2.1", "other:192.0.2.2"]
`
	for i := range 2 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			name := fmt.Sprintf("hooks of copy %d", i)
			s := project(t, img, file)
			s.Reach = map[string]string{"hooks.example.com:80": called(t, name)}
			app := seatrial.Up(t, s)
			ask := func(url string) string { return enginetest.Get(t, app.Service(t, "web").URL(t, 80)+"/fetch?"+url) }
			if got := ask("http://hooks.example.com/"); got != name {
				t.Errorf("the service reaches %q, want %q", got, name)
			}
			if i == 1 {
				return
			}
			if !strings.Contains(app.Plan(), "hooks.example.com → the test") {
				t.Errorf("the plan does not tell:\n%s", app.Plan())
			}
			s.Reach = map[string]string{"hooks.example.com:80": called(t, "another"), "pay.example.com:80": called(t, "pay")}
			app.Update(t, s)
			if got := ask("http://hooks.example.com/") + ask("http://pay.example.com/"); got != "anotherpay" {
				t.Errorf("after an update the service reaches %q, want anotherpay", got)
			}
		})
	}
}

// A name without a port has the server's own.
func TestRunReach(t *testing.T) {
	t.Parallel()
	img := probe(t)
	url := called(t, "hooks")
	port := url[strings.LastIndex(url, ":"):]
	for about, s := range map[string]spec.Container{
		"a container": {}, "one that the docker command makes": {Flags: []string{"--read-only"}},
	} {
		s.Image, s.Command, s.Reach = img.Ref, []string{"-check", "http://hooks" + port + "/"}, map[string]string{"hooks": url}
		if r := seatrial.RunToEnd(t, s); r.ExitCode != 0 {
			t.Errorf("%s: %+v", about, r)
		}
	}
	inside := seatrial.CreateNetwork(t, spec.Network{Name: "inside", Internal: true})
	mustFail(t, "Reach: nothing leads out of the container's networks", func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: img.Ref, Networks: []spec.Endpoint{{Network: inside.Name}}, Reach: map[string]string{"hooks": url}})
	})
	mustFail(t, `Reach: "hooks": "nothing" is not the address of a server`, func(t seatrial.T) {
		seatrial.Run(t, spec.Container{Image: img.Ref, Reach: map[string]string{"hooks": "nothing"}})
	})
}
