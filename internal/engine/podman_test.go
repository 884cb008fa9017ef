// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// servePodman serves a fake that calls itself what Podman 4.3 does, and that says of
// the container "ends" twice what it says of one that has just ended.
func servePodman(t *testing.T, socket string) {
	t.Helper()
	podman := enginetest.NewFake("podman", "1.41")
	podman.Answer("/version", map[string]any{"Components": []map[string]string{{"Name": "Podman Engine", "Version": "4.3.1"}, {"Name": "Conmon"}},
		"Version": "4.3.1", "ApiVersion": "1.41"})
	var asks atomic.Int32
	podman.Handle("/containers/ends/json", func(w http.ResponseWriter, _ *http.Request) {
		if asks.Add(1) < 3 {
			http.Error(w, `{"message":"read /proc/7/cgroup: no such process"}`, http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte(`{"Id":"ends","Config":{},"State":{"Status":"exited"}}`))
	})
	podman.ServeAt(t, socket)
}

// Podman looks for the files of a process that has just ended.
func TestInspectWhatJustEnds(t *testing.T) {
	socket := bare(t) + "/podman.sock"
	servePodman(t, socket)
	e, err := At(t.Context(), Named{Host: "unix://" + socket}, Caller{})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := e.Inspect(t.Context(), "ends"); err != nil || c.State.Status != "exited" {
		t.Errorf("Inspect = %+v, %v; want it exited", c.State, err)
	}
}

func TestBuildKit(t *testing.T) {
	home := bare(t)
	onSocket(t, home+"/docker.sock", "docker")
	servePodman(t, home+"/podman.sock")
	for name, refused := range map[string]bool{"docker": false, "podman": true} {
		e, err := At(t.Context(), Named{Host: "unix://" + home + "/" + name + ".sock"}, Caller{})
		if err != nil {
			t.Fatal(err)
		}
		err = e.BuildKit(t.Context())
		if got := err != nil && strings.Contains(err.Error(), "this engine is Podman, which has none"); got != refused {
			t.Errorf("BuildKit on %s = %v, refused = %v, want %v", name, err, got, refused)
		}
	}
}
