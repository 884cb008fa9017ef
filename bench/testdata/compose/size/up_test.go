// SPDX-License-Identifier: Apache-2.0

// Package size is a test of a Compose project with the Compose module of
// testcontainers-go, whose program's size is measured.
package size

import (
	"testing"

	"github.com/testcontainers/testcontainers-go/modules/compose"
)

func TestUp(t *testing.T) {
	app, err := compose.NewDockerCompose("compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = app.Down(t.Context(), compose.RemoveOrphans(true)) })
	if err := app.Up(t.Context(), compose.Wait(true)); err != nil {
		t.Fatal(err)
	}
	c, err := app.ServiceContainer(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	t.Log(c.GetContainerID())
}
