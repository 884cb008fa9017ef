// SPDX-License-Identifier: Apache-2.0

package container

import (
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// People are told to run a shell only where there is one.
func TestEnter(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct {
		shell, want string
		ended       bool
		paused      bool
	}{
		"a shell":              {shell: "/bin/sh", want: "docker exec -it web sh"},
		"a shell of its own":   {shell: "/busybox/sh", want: "docker exec -it web sh"},
		"none":                 {want: "docker logs -f web  # it has no shell"},
		"one that has ended":   {shell: "/bin/sh", ended: true, want: "docker logs web"},
		"one that is paused":   {shell: "/bin/sh", paused: true, want: "docker unpause web && docker exec -it web sh"},
		"an engine in trouble": {shell: "?", want: "docker exec -it web sh"},
	} {
		t.Run(about, func(t *testing.T) {
			t.Parallel()
			fake := enginetest.NewFake("enter", "1.47")
			var lives lives
			lives.begin()
			lives.paused = tt.paused
			if tt.ended {
				lives.end()
			}
			fake.Handle("/containers/web/json", lives.inspect)
			fake.Handle("/containers/web/archive", func(w http.ResponseWriter, r *http.Request) {
				switch {
				case tt.shell == "?":
					w.WriteHeader(http.StatusInternalServerError)
				case r.URL.Query().Get("path") == tt.shell:
					w.Header().Set("X-Docker-Container-Path-Stat", base64.StdEncoding.EncodeToString([]byte(`{"name": "sh", "mode": 493}`)))
				default:
					w.WriteHeader(http.StatusNotFound)
				}
			})
			sess := fakeSession(t, fake)
			got := (&Container{Name: "web", ID: "web", Engine: sess.Engine}).Enter(t.Context())
			if len(got) != 1 || got[0] != tt.want {
				t.Errorf("people are told to run %q, want %q", got, tt.want)
			}
		})
	}
}
