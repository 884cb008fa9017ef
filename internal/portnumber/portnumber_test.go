// SPDX-License-Identifier: Apache-2.0

package portnumber

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"80": "80/tcp", "53/udp": "53/udp", "53/UDP": "53/udp", "3868/sctp": "3868/sctp", "65535/tcp": "65535/tcp"} {
		if got, err := Parse(text); err != nil || got.Full() != want {
			t.Errorf("Parse(%q) = %s, %v, want %s", text, got.Full(), err, want)
		}
	}
	for _, text := range []string{"", "0", "65536", "-1", "53/", "53/quic", "/udp", "web/udp", "53/udp/x", "53udp"} {
		if got, err := Parse(text); err == nil || !strings.Contains(err.Error(), "is not a port") {
			t.Errorf("Parse(%q) = %v, %v, want an error that says that it is not a port", text, got, err)
		}
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	for port, want := range map[Port]string{TCP(80): "80", {53, "udp"}: "53/udp"} {
		if got := port.String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
}
