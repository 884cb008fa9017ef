// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"strings"
	"testing"
	"time"
)

func TestListeningOn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"80": "listening on 80", "80/tcp": "listening on 80", "53/udp": "listening on 53/udp"} {
		if c := ListeningOn(text); c.String() != want || Check(c) != nil {
			t.Errorf("ListeningOn(%q) is %q, %v, want %q", text, c, Check(c), want)
		}
	}
	if ListeningOn("80") != Listening(80) {
		t.Error("ListeningOn(80) is not Listening(80)")
	}
	for text, want := range map[string]string{"53/quic": `"53/quic" is not a port`, "3868/sctp": "who listens on port 3868/sctp is not seen"} {
		if err := Check(ListeningOn(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check(ListeningOn(%q)) = %v, want %q", text, err, want)
		}
	}
}

// A wait for UDP ends at once if the kernel cannot be asked, because nothing answers on
// UDP.
func TestListeningOnUDP(t *testing.T) {
	t.Parallel()
	f := newFake(State{Status: "running", StartID: "1", Since: time.Now()})
	f.addr = "127.0.0.1:1"
	if err := Until(t.Context(), f, ListeningOn("53/udp")); err == nil || !strings.Contains(err.Error(), "a connection of udp tells nothing") {
		t.Errorf("from a process that does not see it: error = %v", err)
	}
	f.listen = addrs("0.0.0.0:53")
	if err := Until(t.Context(), f, ListeningOn("53/udp")); err != nil {
		t.Errorf("from a process that sees it: error = %v", err)
	}
}
