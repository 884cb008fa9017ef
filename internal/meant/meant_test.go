// SPDX-License-Identifier: Apache-2.0

package meant

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	names := []string{"images", "networks", "keepPorts", "env", "db", "web"}
	for word, want := range map[string]string{
		"image": "images", "newtorks": "networks", "keep-ports": "keepPorts", "net": "networks", "something": "",
		"wbe": "web", "bd": "db",
	} {
		if got := Nearest(word, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
