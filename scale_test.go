// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/wait"
)

func TestScale(t *testing.T) {
	t.Parallel()
	img := probe(t)
	app := seatrial.Up(t, project(t, img, `services:
  web:
    image: example/probe:1
    command: ["-serve", ":80"]
    ports: ["8080:80"]
  told:
    image: example/probe:1
    command: ["-serve", ":81"]
    environment: {PUBLIC_URL: "http://localhost:8081"}
    ports: ["8081:81"]
`))
	first := app.Service(t, "web")
	all := app.Scale(t, "web", 3)
	seen := map[int]bool{}
	for i, c := range all {
		c.Wait(t, wait.HTTP(8080, "/health"))
		seen[c.Port(t, 8080)] = true
		if want := []string{"web", "web-2", "web-3"}[i]; c.Name != want {
			t.Errorf("replica %d is called %s, want %s", i+1, c.Name, want)
		}
	}
	if len(all) != 3 || len(seen) != 3 || all[0] != first {
		t.Errorf("after Scale there are %v with ports %v, want 3 of each, and the first as it was", all, seen)
	}
	if got := app.Scale(t, "web", 1); len(got) != 1 || len(app.Replicas(t, "web")) != 1 {
		t.Errorf("after Scale back there are %v and %v", got, app.Replicas(t, "web"))
	}
	for _, test := range []struct{ service, want string }{
		{"told", "its host port 8081 is fixed or leased, and several containers cannot share it"},
		{"wbe", "there is no such service; there are told, web"},
	} {
		if err := seatrial.Try(t, func(t seatrial.T) { app.Scale(t, test.service, 2) }); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("scaling %s: %v, want %q", test.service, err, test.want)
		}
	}
}
