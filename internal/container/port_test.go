// SPDX-License-Identifier: Apache-2.0

package container

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/enginetest"
)

// The port of a container that has no network of its own cannot be found, whatever the
// file publishes, and the message says why.
func TestPortWithoutNetwork(t *testing.T) {
	dir, err := os.MkdirTemp("", "port")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "docker.sock")
	fake := enginetest.NewFake("docker", "1.48")
	for id, mode := range map[string]string{"alone": "none", "beside": "container:alone", "on": "shop_default"} {
		fake.Answer("/containers/"+id+"/json", map[string]any{"Id": id, "Name": "/shop-" + id + "-1", "State": map[string]any{"Status": "running"}, "Config": map[string]any{},
			"HostConfig": map[string]any{"NetworkMode": mode, "PortBindings": map[string]any{"80/tcp": []any{map[string]any{"HostPort": ""}}}}, "NetworkSettings": map[string]any{}})
	}
	for id, labels := range map[string]map[string]string{"bare": nil, "api": {engine.ComposeService: "api"}, "found": nil} {
		fake.Answer("/containers/"+id+"/json", map[string]any{"Id": id, "Name": "/" + id, "State": map[string]any{"Status": "running"}, "Config": map[string]any{"Labels": labels},
			"HostConfig": map[string]any{"NetworkMode": "bridge"}, "NetworkSettings": map[string]any{}})
	}
	fake.ServeAt(t, socket)
	e, err := engine.At(t.Context(), engine.Named{Host: "unix://" + socket, Address: "127.0.0.1"}, engine.Caller{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Rest)
	for id, want := range map[string]string{
		"alone":  "looking up port 80 of alone: it publishes none: it has no network (network mode none)",
		"beside": "looking up port 80 of beside: it publishes none: it is in the network of container shop-alone-1, which has the ports",
		"on":     "looking up port 80 of on: it has no ports",
		"bare":   "looking up port 80 of bare: it is not published; published are none; add Ports: []int{80}",
		"api":    `looking up port 80 of api: it is not published; published are none; add Publish: {"api": {80}}`,
		"found":  "looking up port 80 of found: it is not published; published are none",
	} {
		c := &Container{Name: id, ID: id, Engine: e, borrowed: id == "found"}
		if _, err := c.Ports().Binding(t.Context(), 80); err == nil || !strings.HasPrefix(err.Error(), want) || id == "found" && err.Error() != want {
			t.Errorf("%s: error = %v, want one that begins with %q", id, err, want)
		}
	}
}
