// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSwarmEngines(t *testing.T) {
	t.Setenv(EnvSwarm, " tcp://manager:2376  ssh://worker ")
	t.Setenv("DOCKER_CERT_PATH", "/keys")
	for verify, certs := range map[string]string{"": "", "1": "/keys"} {
		t.Setenv("DOCKER_TLS_VERIFY", verify)
		want := []Named{{Host: "tcp://manager:2376", Certs: certs}, {Host: "ssh://worker"}}
		if diff := cmp.Diff(want, SwarmEngines()); diff != "" {
			t.Errorf("DOCKER_TLS_VERIFY=%q (-want +got):\n%s", verify, diff)
		}
	}
}
