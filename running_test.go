// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial"
)

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
