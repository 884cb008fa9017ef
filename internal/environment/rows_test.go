// SPDX-License-Identifier: Apache-2.0

package environment

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/portnumber"
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

// A port that the engine publishes for both families is one; what one of them alone has, or
// another address, stays.
func TestOneFamily(t *testing.T) {
	t.Parallel()
	n := &Named{Record: Record{Ports: []FilePort{
		{Service: "web", Number: 8080, Target: 80, Protocol: "tcp", Host: 20001},
		{Service: "web", Number: 8081, Target: 80, Protocol: "tcp", Host: 20002},
		{Service: "web", Target: 90, Protocol: "tcp"},
	}}}
	bound := func(target int, ip string, host int) engine.Binding {
		return engine.Binding{Port: target, Protocol: "tcp", HostIP: ip, HostPort: host}
	}
	got := n.oneFamily("web", []engine.Binding{
		bound(80, "::", 20001), bound(80, "0.0.0.0", 20001), bound(80, "::", 20002), bound(80, "127.0.0.1", 20002),
		bound(90, "0.0.0.0", 32768), bound(90, "::", 32769), // two numbers, as older engines choose
		bound(91, "::", 32770),
	})
	want := []engine.Binding{bound(80, "0.0.0.0", 20001), bound(80, "::", 20002), bound(80, "127.0.0.1", 20002), bound(90, "0.0.0.0", 32768), bound(91, "::", 32770)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A port is found by its protocol; what a service has of others is named where it has none
// of the one.
func TestFindByProtocol(t *testing.T) {
	t.Parallel()
	rows := []Row{{Service: "dns", Number: 1, Ports: []RowPort{
		{Number: 5353, Target: 53, Protocol: "udp", Address: "127.0.0.1:1"}, {Number: 3868, Target: 3868, Protocol: "sctp", Address: "127.0.0.1:2"}}}}
	for port, want := range map[portnumber.Port]string{
		{Number: 5353, Protocol: "udp"}: "127.0.0.1:1", {Number: 53, Protocol: "udp"}: "127.0.0.1:1", {Protocol: "sctp"}: "127.0.0.1:2",
		portnumber.TCP(5353):          "service dns publishes no tcp port; it publishes 5353:53/udp, 3868/sctp",
		{Number: 80, Protocol: "udp"}: "service dns does not publish 80/udp; it publishes 5353:53/udp",
	} {
		p, err := Find(rows, "dns", port, 1)
		got := p.Address
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("Find(%v) = %s, want %s", port, got, want)
		}
	}
}

// What does not run publishes nothing, which is not its files' fault.
func TestFindInWhatDoesNotRun(t *testing.T) {
	t.Parallel()
	for state, want := range map[string]string{
		"exited 1": "web does not run: it exited with code 1\n    hint: seatrial logs web shows why",
		"created":  "web does not run: it was never started", "restarting": "web does not run: it ended, and is started again and again",
		"failed": "web does not run: its task is failed", "running": "service web publishes no tcp port", "paused": "service web publishes no tcp port",
	} {
		rows := []Row{{Service: "web", Number: 1, State: state}, {Service: "job", Number: 1, State: state}}
		_, err := Find(rows, "web", portnumber.TCP(0), 1)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", state, err, want)
		}
		n := &Named{Record: Record{Ports: []FilePort{{Service: "web", Target: 80, Protocol: "tcp"}}}}
		if got := n.Silent(rows); (len(got) == 1 && got[0].Service == "web") != strings.HasPrefix(want, "web") {
			t.Errorf("%s: silent are %+v", state, got)
		}
	}
}

// A port that the files publish at several addresses, which oneFamily leaves as they are, is
// found at the first, without a number too: it has only one.
func TestFindAtSeveralAddresses(t *testing.T) {
	t.Parallel()
	rows := []Row{{Service: "web", Number: 1, Ports: []RowPort{{8080, 80, "tcp", "127.0.0.1:8080"}, {8080, 80, "tcp", "[::1]:8080"}}}}
	p, err := Find(rows, "web", portnumber.Port{Protocol: "tcp"}, 1)
	if p.Address != "127.0.0.1:8080" || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := Find(rows, "web", portnumber.Port{Number: 9, Protocol: "tcp"}, 1); err == nil || strings.Count(err.Error(), "8080:80/tcp") != 1 {
		t.Errorf("%v", err)
	}
}
