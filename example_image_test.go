// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"strings"

	"github.com/seatrial/seatrial"
	"github.com/seatrial/seatrial/spec"
)

// An image as its Dockerfile has it, on a base that the test builds, too. Unchanged, it is
// there at once: also for the other packages, and the next run.
func ExampleBuild() {
	base := seatrial.Build(t, spec.Image{Context: "../base"})
	img := seatrial.Build(t, spec.Image{
		Context: "../orders", Target: "release",
		Args:    map[string]string{"VERSION": "2.1"},
		Images:  map[string]string{"example/base:1": base.Ref}, // in FROM, and in COPY --from
		Secrets: map[string]spec.BuildSecret{"netrc": {File: "testdata/netrc"}},
	})
	got := seatrial.RunToEnd(t, spec.Container{Image: img.Ref, Command: []string{"--version"}})
	if got.Stdout != "orders 2.1\n" {
		t.Errorf("the image is of %q", got.Stdout)
	}
}

// An image that was released: what it did is what the new one is held against.
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

// An image that another program builds, under a name that no other test has.
func ExampleBlankImage() {
	img := seatrial.BlankImage(t, "packed")
	seatrial.Docker(t, spec.Command{Program: "pack", Args: []string{"build", img.Ref, "--path", "../app"}})
	seatrial.Run(t, spec.Container{Image: img.Ref})
}

// What a container became is an image for others to start from.
func ExampleContainer_Commit() {
	db := seatrial.Run(t, spec.Container{Image: "example/db:1"})
	db.Exec(t, spec.Exec{Command: []string{"load", "/samples/large"}})
	loaded := db.Commit(t)
	for range 4 {
		seatrial.Run(t, spec.Container{Image: loaded.Ref}) // each with the data, and apart
	}
}
