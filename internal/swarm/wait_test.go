// SPDX-License-Identifier: Apache-2.0

package swarm

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/internal/engine"
)

// All ports of TCP of a service are waited for, unless a condition says when it can be used.
func TestListened(t *testing.T) {
	t.Parallel()
	tcp := func(ports ...int) (all []engine.ServicePort) {
		for _, p := range ports {
			all = append(all, engine.ServicePort{Protocol: "tcp", Target: p})
		}
		return all
	}
	got := listened([]engine.Service{
		{Object: engine.Object{ID: "two"}, Ports: tcp(80, 443)}, {Object: engine.Object{ID: "dns"}, Ports: append(tcp(53), engine.ServicePort{Protocol: "udp", Target: 53})},
		{Object: engine.Object{ID: "own"}, Ports: tcp(5432)}, {Object: engine.Object{ID: "none"}},
	}, func(s engine.Service) bool { return s.ID != "own" })
	if diff := cmp.Diff(map[string][]int{"two": {80, 443}, "dns": {53}}, got); diff != "" {
		t.Errorf("ports (-want +got):\n%s", diff)
	}
}
