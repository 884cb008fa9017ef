// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// asPodman is a fake that calls itself what Podman 4.3 does.
type asPodman struct {
	daemon
	asks atomic.Int32 // about the container "ends"
}

func (p *asPodman) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/version") {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"Components":[{"Name":"Podman Engine","Version":"4.3.1"},{"Name":"Conmon"}],"Version":"4.3.1","ApiVersion":"1.41"}`))
		return
	}
	if strings.HasSuffix(r.URL.Path, "/containers/ends/json") {
		if asks := p.asks.Add(1); asks < 3 {
			http.Error(w, `{"message":"read /proc/7/cgroup: no such process"}`, http.StatusInternalServerError)
			return
		}
		_, _ = w.Write([]byte(`{"Id":"ends","Config":{},"State":{"Status":"exited"}}`))
		return
	}
	p.daemon.ServeHTTP(w, r)
}

func servePodman(t *testing.T, socket string) {
	t.Helper()
	server := &http.Server{Handler: &asPodman{daemon: daemon{"1.41", "podman"}}, ErrorLog: quiet}
	l := listen(t, "unix", socket)
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
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
