// SPDX-License-Identifier: Apache-2.0

package compose

import (
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
