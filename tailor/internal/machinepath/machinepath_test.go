// SPDX-License-Identifier: Apache-2.0

package machinepath

import (
	"fmt"
	"testing"
)

func TestLooksLikeFile(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		"/etc/app/app.conf": true, `C:\app\app.ini`: true, "/run/app.sock": true, "/x.mp3": true,
		"/srv/data": false, "/srv/data/": false, "/opt/app-1.2": false, "/etc/conf.d": false, "/root/.cache": false, "/srv/x.": false, "/srv/a.b/c": false,
	} {
		if got := LooksLikeFile(path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{ // socket, harmless, system, of Windows, holds endpoints
		"/var/run/docker.sock":      "true false true false true",
		`\\.\pipe\docker_engine`:    "true false true true true",
		"docker.sock":               "false false false false false",
		"/etc/localtime":            "false true false false false",
		"/dev/null":                 "false true true false true",
		"/":                         "false false true false true",
		"/var/run":                  "false false true false true",
		"/run/dbus":                 "false false true false true",
		"/devices":                  "false false false false false",
		`C:\data`:                   "false false false true false",
		"/srv/docker.sock/and/more": "false false false false false",
	} {
		if got := fmt.Sprint(IsSocket(path), IsHarmless(path), IsSystem(path), IsWindows(path), HoldsEndpoints(path)); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
