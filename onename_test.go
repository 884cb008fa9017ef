// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
)

// Two keys of one name are one network and one volume, which is found by both.
func TestOneNameIsOneObject(t *testing.T) {
	t.Parallel()
	app := seatrial.Up(t, project(t, probe(t), `services:
  a: {image: "example/probe:1", command: ["-write", "/data/said=by a", "-serve", ":80"], networks: [front], volumes: ["one:/data"]}
  b: {image: "example/probe:1", command: ["-serve", ":80"], networks: [back], volumes: ["two:/data"]}
networks:
  front: {name: shop_net}
  back: {name: shop_net}
volumes:
  one: {name: shop_data}
  two: {name: shop_data}
`))
	if front, back := app.Network(t, "front"), app.Network(t, "back"); front != back {
		t.Errorf("the networks are %s and %s, want one", front, back)
	}
	if one, two := app.Volume(t, "one"), app.Volume(t, "two"); one != two {
		t.Errorf("the volumes are %s and %s, want one", one, two)
	}
	r := app.Service(t, "b").Exec(t, spec.Exec{Command: []string{"/probe", "-stat", "/data/said", "-check", "http://a/health"}})
	if !strings.Contains(r.Stdout, "by a") {
		t.Errorf("b has %q, want what a wrote", r.Stdout)
	}
}
