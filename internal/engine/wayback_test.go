// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
)

// Where containers have no way to the test, that is said, and why.
func TestWayBack(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "way")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	loopback := map[string]any{"Name": "bridge", "IPAM": map[string]any{"Config": []any{map[string]any{"Gateway": "127.0.0.1"}}}}
	for i, test := range []struct {
		info map[string]any
		want string // in the error; empty is none
	}{
		{map[string]any{"Name": name}, ""},
		{map[string]any{"Name": "elsewhere"}, "nothing says that it is on this machine\n    hint: run the server in a container"},
		{map[string]any{"Name": "docker-desktop", "OperatingSystem": "Docker Desktop"}, ""},
		{map[string]any{"Name": name, "SecurityOptions": []string{"name=rootless"}}, "it runs without root"},
	} {
		socket := filepath.Join(dir, string(rune('a'+i)))
		fake := enginetest.NewFake("docker", "1.48")
		fake.Answer("/info", test.info)
		fake.Answer("/networks/bridge", loopback)
		fake.ServeAt(t, socket)
		e, err := engine.At(t.Context(), engine.Named{Host: "unix://" + socket}, engine.Caller{})
		if err != nil {
			t.Fatal(err)
		}
		way, err := e.WayBack(t.Context())
		e.CloseIdle()
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: error = %v, want %q", test.info, err, test.want)
			continue
		}
		if err != nil {
			continue
		}
		if desktop := test.info["OperatingSystem"] != nil; way.Loopback != desktop {
			t.Errorf("%v: by loopback: %v, want %v", test.info, way.Loopback, desktop)
		}
		l, err := way.Listen("127.0.0.1", 0)
		if err != nil {
			t.Fatal(err)
		}
		_ = l.Close()
	}
}
