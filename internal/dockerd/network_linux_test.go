// SPDX-License-Identifier: Apache-2.0

package dockerd

import (
	"net/netip"
	"testing"

	"github.com/seatrial/seatrial/internal/outside"
)

func TestAnswering(t *testing.T) {
	answers := func(at netip.Addr) bool { return at == netip.MustParseAddr("192.0.2.1") }
	for _, test := range []struct{ name, conf, want string }{
		{"one of two", "search a.example\nnameserver 192.0.2.9\nnameserver 192.0.2.1\noptions ndots:2\n",
			"search a.example\nnameserver 192.0.2.1\noptions ndots:2\n"},
		{"none that answers", "search a.example\nnameserver 192.0.2.9\n", ""},
		{"another network's loopback", "nameserver 127.0.0.53\n", ""},
		{"no address", "nameserver\nnameserver here\n", ""},
		{"empty", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := answering(test.conf, answers); got != test.want {
				t.Errorf("answering(%q) = %q, want %q", test.conf, got, test.want)
			}
		})
	}
}

func TestTaken(t *testing.T) {
	l := outside.Link(5) // 198.18.0.20/30
	for _, test := range []struct {
		to   string
		want bool
	}{
		{"0.0.0.0/0", false}, // the default route overlaps with everything
		{"198.18.0.0/15", true},
		{"198.18.0.20/30", true},
		{"198.18.0.22/32", true},
		{"198.18.0.24/30", false},
		{"10.0.0.0/8", false},
	} {
		if got := taken(l, []route{{to: netip.MustParsePrefix(test.to)}}); got != test.want {
			t.Errorf("%v is taken by a route to %s = %v, want %v", l.Subnet(), test.to, got, test.want)
		}
	}
}

func TestRoutes(t *testing.T) {
	all, err := routes()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.device == "" || r.to.Masked() != r.to {
			t.Errorf("route to %v by %q: its address has bits beyond its mask", r.to, r.device)
		}
	}
}
