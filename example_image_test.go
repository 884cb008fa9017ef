// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"strings"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
)

// Build an image from its Dockerfile, on a base that the test builds, too. If nothing has
// changed, other packages and the next run find it at once.
func ExampleBuild() {
	base := seatrial.Build(t, spec.Image{Context: "../base"})
	img := seatrial.Build(t, spec.Image{
		Context: "../orders", Target: "release",
		Args:    map[string]string{"VERSION": "2.1"},
		Images:  map[string]string{"example/base:1": base.Ref}, // replaced in FROM and COPY --from
		Secrets: map[string]spec.BuildSecret{"netrc": {File: "testdata/netrc"}},
	})
	got := seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Command: []string{"--version"}})
	if got.Stdout != "orders 2.1\n" {
		t.Errorf("the image is for %q", got.Stdout)
	}
}

// Use a released image, to compare a new one with it.
func ExampleWrapImage() {
	old := seatrial.WrapImage(t, spec.ExistingImage{Ref: "registry.example.com/orders:1.9"})
	img := seatrial.Build(t, spec.Image{Context: "../orders"})
	for _, ref := range []string{old.Ref, img.Ref} {
		got := seatrial.RunToEnd(t, spec.Container{Image: ref, Command: []string{"routes"}})
		if !strings.Contains(got.Stdout, "GET /orders") {
			t.Errorf("%s has no GET /orders", ref)
		}
	}
}

// Let another program build an image, under a unique name.
func ExampleBlankImage() {
	img := seatrial.BlankImage(t, "packed")
	seatrial.Docker(t, spec.Command{Program: "pack", Args: []string{"build", img.Ref, "--path", "../app"}})
	seatrial.Run(t, spec.Container{Image: img.Ref})
}

// Make an image of a prepared container, from which others start.
func ExampleContainer_Commit() {
	db := seatrial.Run(t, spec.Container{Image: "example/db:1"})
	db.Exec(t, spec.Exec{Command: []string{"load", "/samples/large"}})
	loaded := db.Commit(t)
	for range 4 {
		seatrial.Run(t, spec.Container{Image: loaded.Ref}) // each has its own copy of the data
	}
}

// Build an image once, and run it on another engine too, without a registry.
func ExampleEngine_Load() {
	img := seatrial.Build(t, spec.Image{Context: "../orders"})
	other := seatrial.On(spec.Engine{Host: "ssh://ci@build-host"})
	other.Run(t, spec.Container{Image: other.Load(t, img).Ref})
}
