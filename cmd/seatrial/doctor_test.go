// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
)

func TestOwnSwarm(t *testing.T) {
	t.Parallel()
	cannot := errors.New("it needs root")
	for _, tt := range []struct {
		named  string
		cannot error
		lacks  error
	}{{"", nil, nil}, {"", cannot, cannot}, {"tcp://a tcp://b", cannot, nil}} {
		if got := ownSwarm(tt.named, tt.cannot); got.lacks != tt.lacks || got.needed {
			t.Errorf("with the swarm %q, %v: %+v", tt.named, tt.cannot, got)
		}
	}
}

// What everybody needs decides about the exit code: Podman runs containers, and builds nothing.
func TestNeeded(t *testing.T) {
	fake := enginetest.NewFake("podman", "1.41")
	fake.Answer("/version", map[string]any{"Components": []map[string]string{{"Name": "Podman Engine"}}, "ApiVersion": "1.41", "Os": "linux", "Arch": "amd64"})
	t.Setenv("DOCKER_HOST", fake.ServeUnix(t))
	needed, has := map[string]bool{}, map[string]bool{}
	for _, d := range diagnose(t.Context()) {
		needed[d.what], has[d.what] = d.needed, d.lacks == nil
	}
	if !needed["containers"] || !needed["compose"] || !needed["builds"] || needed["swarm"] || needed["swarm mesh"] || needed["swarmtest"] {
		t.Errorf("needed: %v", needed)
	}
	if !has["containers"] || has["builds"] || has["swarm"] {
		t.Errorf("there: %v", has)
	}
}

// Without a docker command nothing is built, whatever the engine could do.
func TestNoDockerCommand(t *testing.T) {
	t.Setenv("DOCKER_HOST", enginetest.NewFake("bare", "1.47").ServeUnix(t))
	t.Setenv("PATH", t.TempDir())
	for _, d := range diagnose(t.Context()) {
		if lacks := d.what == "compose" || d.what == "builds"; lacks && (d.lacks == nil || !strings.Contains(d.lacks.Error(), "need the docker command")) {
			t.Errorf("%s: %q %v, want that it needs the docker command", d.what, d.yes, d.lacks)
		}
	}
}
