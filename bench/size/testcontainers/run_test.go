// SPDX-License-Identifier: Apache-2.0

// Package testcontainers is the same test as package run, with testcontainers-go.
package testcontainers

import (
	"testing"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

func TestRun(t *testing.T) {
	c, err := testcontainers.Run(t.Context(), "example/web:1", testcontainers.WithExposedPorts("80/tcp"), testcontainers.WithWaitStrategy(wait.ForLog("listening")))
	testcontainers.CleanupContainer(t, c)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := c.Endpoint(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Log(endpoint)
}
