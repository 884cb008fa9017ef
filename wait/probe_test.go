// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"strings"
	"testing"
)

// If a health check asks a port on which nothing listens, the error says so.
func TestProbeOfAnotherPort(t *testing.T) {
	t.Parallel()
	const nobody = "; nothing listens on 8080 inside (listening: 127.0.0.1:9090, 80)"
	for _, test := range []struct {
		output, want string
	}{
		{"wget: can't connect to remote host (127.0.0.1): Connection refused: http://localhost:8080/health", nobody},
		{"curl: (7) Failed to connect to localhost port 8080 after 0 ms: Couldn't connect to server", nobody},
		{`Get "http://127.0.0.1:8080/": dial tcp 127.0.0.1:8080: connect: connection refused`, nobody},
		{"connect ECONNREFUSED ::1:8080", nobody},
		{"connect ECONNREFUSED 127.0.0.1:80", ""},
		{"HTTP 500 from localhost:8080", ""},
		{"connection refused", ""},
		{"connection refused: 12:99999", ""},
	} {
		f := newFake(State{Status: "running", Health: "unhealthy", HealthOutput: test.output})
		f.listen = addrs("127.0.0.1:9090", "0.0.0.0:80")
		got := probe(t.Context(), f, f.state)
		if want := "; its health check printed: " + test.output + test.want; got != want {
			t.Errorf("%q becomes\n%s\nwant\n%s", test.output, got, want)
		}
	}
}

// What a health check asks is beside what it printed, if it is short.
func TestProbeCommand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ check, output, want string }{
		{"CMD pg_isready -U shop", "no response", "; its health check (CMD pg_isready -U shop) printed: no response"},
		{"CMD pg_isready -U shop", "", "; its health check (CMD pg_isready -U shop) printed nothing"},
		{"", "no response", "; its health check printed: no response"},
		{"CMD " + strings.Repeat("a", mostCheck), "no response", "; its health check printed: no response"},
		{"CMD set -e\npg_isready", "no response", "; its health check printed: no response"},
	} {
		f := newFake(State{Status: "running", Health: "unhealthy", HealthCheck: test.check, HealthOutput: test.output})
		if got := probe(t.Context(), f, f.state); got != test.want {
			t.Errorf("of %q is told\n%s\nwant\n%s", test.check, got, test.want)
		}
	}
}
