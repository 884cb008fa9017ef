// SPDX-License-Identifier: Apache-2.0

package compose

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/tailor"
)

func TestCopiesFile(t *testing.T) {
	got := string(copiesFile([]mountedCopy{
		{HostPath: tailor.HostPath{Place: tailor.Place{Service: "web"}, Source: "/src/conf$d", Target: "/etc/$app", ReadOnly: true}, root: "/src/conf$d", volume: "p-copy-1"},
		{HostPath: tailor.HostPath{Place: tailor.Place{Service: "web"}, Source: "/src/$one", Target: "/one"}, root: "/src/$one", file: true, volume: "p-copy-2"},
	}))
	want := `{
  "services": {
    "web": {
      "volumes": [
        {
          "type": "volume",
          "source": "p-copy-1",
          "target": "/etc/$$app",
          "read_only": true,
          "volume": {
            "nocopy": true
          }
        },
        {
          "type": "volume",
          "source": "p-copy-2",
          "target": "/one",
          "volume": {
            "nocopy": true,
            "subpath": "$$one"
          }
        }
      ]
    }
  },
  "volumes": {
    "p-copy-1": {
      "external": true
    },
    "p-copy-2": {
      "external": true
    }
  }
}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("copiesFile (-want +got):\n%s", diff)
	}
}

// Whoever reads what another service writes gets the same copy: all of it, a part, or a part of a part.
func TestToCopy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mount := func(service, source, target string) tailor.HostPath {
		return tailor.HostPath{Place: tailor.Place{Service: service}, Source: filepath.Join(dir, source), Target: target}
	}
	plan := &tailor.Plan{Copies: []tailor.Copy{{Place: tailor.Place{Service: "web"}, Target: "/logs"}}}
	for _, made := range []string{"logs/web/old", "logs-of-others"} {
		if err := os.MkdirAll(filepath.Join(dir, made), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	copied, err := toCopy(plan, []tailor.HostPath{
		mount("reader", "logs", "/in"), mount("web", "logs", "/logs"), mount("part", "logs/web", "/in"), mount("old", "logs/web/old", "/in"), mount("others", "logs-of-others", "/in"),
	}, nil, "", false)
	got := map[string]string{}
	for _, c := range copied {
		got[c.Service] = c.subpath()
	}
	want := map[string]string{"web": "", "reader": "", "part": "web", "old": "web/old"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("copied, with what is mounted of the volume (-want +got): %v\n%s", err, diff)
	}
}
