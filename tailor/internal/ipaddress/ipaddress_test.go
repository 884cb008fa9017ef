// SPDX-License-Identifier: Apache-2.0

package ipaddress

import (
	"net/netip"
	"strings"
	"testing"
)

func TestReplace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, text, want string }{
		{"10.5.0.0/16", "10.5.0.7:80, 10.6.0.7", "<10.5.0.7>:80, 10.6.0.7"},
		{"10.5.0.0/16", "10.5.1.0/24 10.5.1.1/24", "<10.5.1.0/24> <10.5.1.1>/24"},
		{"10.5.0.0/16", "110.5.0.7 10.5.0.7.1 10.5.0.777", "110.5.0.7 10.5.0.7.1 10.5.0.777"},
		{"fd00:1::/64", "[fd00:1::7]:80 fd00:2::7", "[<fd00:1::7>]:80 fd00:2::7"},
	} {
		if got, _ := Replace(c.text, netip.MustParsePrefix(c.in), func(a string) string { return "<" + a + ">" }); got != c.want {
			t.Errorf("%s: got %s, want %s", c.text, got, c.want)
		}
	}
}

func TestReplaceFirst(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ subnet, text, want string }{
		{"172.29.7.0/24", "172.29.7", "X"},
		{"172.29.7.0/24", "172.29.7.", "X."},
		{"172.29.7.0/24", "allow=172.29.7.*, 172.29.7", "allow=X.*, X"},
		{"172.29.7.0/24", "172.29.7.1 172.29.70 1.172.29.7 172.29.7-rc v172.29.7", "172.29.7.1 172.29.70 1.172.29.7 X-rc v172.29.7"},
		{"172.29.0.0/16", "172.29", "X"},
		{"172.29.0.0/16", "172.29.7,172.29.8.*,172.29.8.1,172.290.1", "X.7,X.8.*,172.29.8.1,172.290.1"},
		{"10.0.0.0/8", "10.5.0", "10.5.0"},
		{"172.29.0.0/20", "172.29", "172.29"},
		{"fd00::/64", "fd00", "fd00"},
	} {
		got, n := ReplaceFirst(test.text, netip.MustParsePrefix(test.subnet), func(string) string { return "X" })
		if got != test.want || n != strings.Count(test.want, "X") {
			t.Errorf("%s in %q: %q, %d times, want %q", test.subnet, test.text, got, n, test.want)
		}
	}
}

func TestMoved(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ ip, to, want string }{
		{"10.5.0.7", "192.168.3.0/24", "192.168.3.7"},
		{"10.5.1.7", "192.168.32.0/20", "192.168.33.7"},
		{"fd00:1::7", "fd00:9::/64", "fd00:9::7"},
	} {
		if got := Moved(netip.MustParseAddr(c.ip), netip.MustParsePrefix(c.to)).String(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.ip, got, c.want)
		}
	}
}
