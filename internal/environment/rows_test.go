// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"strings"
	"testing"
)

func TestOnlyPort(t *testing.T) {
	t.Parallel()
	n := &Named{Record: Record{Ports: []FilePort{
		{Service: "web", Number: 8080, Target: 80, Protocol: "tcp"},
		{Service: "web", Number: 8081, Target: 80, Protocol: "tcp"}, // two numbers for one
		{Service: "web", Number: 53, Target: 53, Protocol: "udp"},
		{Service: "db", Number: 5432, Target: 5432, Protocol: "tcp"},
		{Service: "db", Target: 8008, Protocol: "tcp"},
	}}}
	for service, want := range map[string]string{
		"web": "", "worker": "service worker publishes no tcp port",
		"db": "service db publishes several ports: say which of 5432/tcp, 8008/tcp",
	} {
		port, err := n.OnlyPort(service, "tcp")
		if want == "" && (port != 80 || err != nil) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %d, %v, want 80 or %q", service, port, err, want)
		}
	}
}
