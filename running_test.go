// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial"
)

// What runs is readable where it is logged as it is.
func TestRunningIsListed(t *testing.T) {
	t.Parallel()
	r := &seatrial.Running{
		Containers: []seatrial.RunningContainer{{Service: "web", Number: 2, Name: "x-web-2", State: "running"}, {Service: "db", Number: 1, Name: "x-db-1", State: "exited", Node: "worker1"}},
		Networks:   []seatrial.RunningObject{{Key: "back", Name: "x_back"}},
		Volumes:    []seatrial.RunningObject{{Key: "stock", Name: "x_stock"}},
	}
	want := "container web 2: running, x-web-2\ncontainer db 1 on worker1: exited, x-db-1\nnetwork back: x_back\nvolume stock: x_stock"
	if got := fmt.Sprint(r); got != want {
		t.Errorf("it is listed as\n%s\nwant\n%s", got, want)
	}
}

func TestRunning(t *testing.T) {
	t.Parallel()
	img := probe(t)
	s := project(t, img, `services:
  web: {image: "example/probe:1", command: ["-serve", ":80"], container_name: fixed-web, deploy: {replicas: 1}, volumes: ["./data:/data"]}
  job: {image: "example/probe:1", networks: [back]}
  pair: {image: "example/probe:1", command: ["-serve", ":80"], deploy: {replicas: 2}, volumes: [stock:/data]}
networks: {back: {name: fixed-back}}
volumes: {stock: {name: fixed-stock}}
`)
	app := seatrial.Up(t, s)
	stop := seatrial.Up(t, s) // another copy, whose objects must not be listed
	r := app.Running(t)
	var got []string
	for _, c := range r.Containers {
		got = append(got, c.Service+" "+strings.TrimPrefix(c.Name, app.Name)+" "+c.State)
		if c.ID == "" {
			t.Errorf("%s has no id", c.Name)
		}
	}
	for _, all := range [][]seatrial.RunningObject{r.Networks, r.Volumes} {
		for _, o := range all {
			got = append(got, o.Key+" "+strings.TrimPrefix(o.Name, app.Name)+" "+o.Driver)
		}
	}
	want := []string{"job -job-1 exited", "pair -pair-1 running", "pair -pair-2 running", "web -web-1 running",
		"back _back bridge", "default _default bridge", "data -copy-1 local", "stock _stock local"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("running is (-want +got):\n%s", diff)
	}
	if app.Volume(t, "stock") == stop.Volume(t, "stock") {
		t.Error("both copies have one volume")
	}
}
