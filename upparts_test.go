// SPDX-License-Identifier: Apache-2.0

package seatrial_test

import (
	"strings"
	"testing"

	"github.com/seatrial/seatrial"
)

// Containers that mount a directory or a part of it see the same empty volume: the part
// exists before the container that mounts it starts.
func TestUpPartsOfEmptyVolumes(t *testing.T) {
	t.Parallel()
	p := project(t, probe(t), `services:
  writer:
    image: example/probe:1
    command: ["-write", "/deep/word=told"]
    volumes: ["/no/such/media:/media", "/no/such/media/public/deep:/deep"]
  reader:
    image: example/probe:1
    command: ["-stat", "/www/deep/word"]
    volumes: ["/no/such/media/public:/www:ro"]
    depends_on: {writer: {condition: service_completed_successfully}}
`)
	p.Isolate = true
	if got := seatrial.Up(t, p).Service(t, "reader").Logs(t); !strings.Contains(got, "told") {
		t.Errorf("the reader finds %q, want what the writer wrote", got)
	}
}
