// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"path/filepath"
	"strings"
	"testing"
)

// Who joined the network of a container that was started again since, or has ended, is told, from
// whichever of the two is asked about.
func TestStranded(t *testing.T) {
	home := bare(t)
	const again = "web is in the network that vpn had before that was started again: start web again, too"
	for name, test := range map[string]struct {
		web, vpn string // when it was started, and whether it has ended
		want     string
	}{
		"as it should be":          {at(2), at(1), ""},
		"its host was started":     {at(1), at(2), again},
		"its host has ended":       {at(2), "ended " + at(1), "web is in the network of vpn, which has ended: start vpn, and then web again"},
		"it has ended":             {"ended " + at(1), at(2), ""},
		"and neither was started":  {"", "", ""},
		"started at the same time": {at(1), at(1), ""},
	} {
		socket := filepath.Join(home, strings.ReplaceAll(name, " ", "")+".sock")
		d := fake("stranded")
		for id, mode := range map[string]string{"web": "container:vpn", "vpn": "bridge", "other": "container:somebody"} {
			began, ended := strings.CutPrefix(map[string]string{"web": test.web, "vpn": test.vpn, "other": at(0)}[id], "ended ")
			d.Answer("/containers/"+id+"/json", map[string]any{"Id": id, "Name": "/shop-" + id + "-1", "Config": map[string]any{"Labels": map[string]string{ComposeService: id}},
				"HostConfig": map[string]any{"NetworkMode": mode}, "State": map[string]any{"Running": !ended, "StartedAt": began}})
		}
		d.Answer("/containers/json", []any{
			map[string]any{"Id": "other", "HostConfig": map[string]any{"NetworkMode": "container:somebody"}},
			map[string]any{"Id": "web", "HostConfig": map[string]any{"NetworkMode": "container:vpn"}},
			map[string]any{"Id": "vpn", "HostConfig": map[string]any{"NetworkMode": "bridge"}},
		})
		d.ServeAt(t, socket)
		e, err := At(t.Context(), Named{Host: "unix://" + socket}, Caller{})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"web", "vpn"} {
			if got, err := e.Stranded(t.Context(), id); got != test.want || err != nil {
				t.Errorf("%s, of %s: %q, %v, want %q", name, id, got, err, test.want)
			}
		}
		e.CloseIdle()
	}
}
