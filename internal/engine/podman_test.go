// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net/http"
	"strings"
	"testing"
)

// asPodman is a fake that calls itself what Podman 4.3 does.
type asPodman struct{ daemon }

func (p asPodman) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/version") {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"Components":[{"Name":"Podman Engine","Version":"4.3.1"},{"Name":"Conmon"}],"Version":"4.3.1","ApiVersion":"1.41"}`))
		return
	}
	p.daemon.ServeHTTP(w, r)
}

func TestBuildKit(t *testing.T) {
	home := bare(t)
	onSocket(t, home+"/docker.sock", "docker")
	server := &http.Server{Handler: asPodman{daemon{"1.41", "podman"}}, ErrorLog: quiet}
	l := listen(t, "unix", home+"/podman.sock")
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })

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
