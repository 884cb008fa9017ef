// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
)

var (
	four = Families{Four: true}
	six  = Families{Six: true}
	both = Families{true, true}
)

func TestFamilies(t *testing.T) {
	t.Parallel()
	addrs := func(words ...string) []netip.Addr {
		all := []netip.Addr{{}}
		for _, w := range words {
			all = append(all, netip.MustParseAddr(w))
		}
		return all
	}
	tests := []struct {
		own, host []netip.Addr
		want      Families
	}{
		{addrs(), addrs("0.0.0.0")[1:], Families{}}, // in another container's network: not known
		{addrs("172.18.0.2"), nil, four},
		{addrs("172.18.0.2", "::"), addrs("127.0.0.1")[1:], four},
		{addrs("172.18.0.2"), addrs("0.0.0.0", "::")[1:], four},
		{addrs("172.18.0.2"), addrs("::1")[1:], four}, // by Docker's proxy
		{addrs("fd00::2"), addrs("::1")[1:], six},
		{addrs("fd00::2", "172.18.0.2"), addrs("0.0.0.0", "::")[1:], both},
		{addrs("fd00::2", "172.18.0.2"), addrs("127.0.0.1")[1:], four},
		{addrs("fd00::2", "172.18.0.2"), addrs("::1")[1:], six},
	}
	for _, test := range tests {
		if got := Of(test.own).Through(test.host); got != test.want {
			t.Errorf("a container with %v, published at %v: Through = %+v, want %+v", test.own, test.host, got, test.want)
		}
	}
}

func TestUnheard(t *testing.T) {
	t.Parallel()
	at := func(words ...string) []string { return words }
	const reaches = " only; a published port reaches the container's "
	tests := []struct {
		ports []int
		all   []string // with !: accepts only IPv6
		to    Families
		want  string
	}{
		{[]int{80}, at("0.0.0.0:80"), four, ""},
		{[]int{80}, at("[::]:80"), four, ""},
		{[]int{80}, at("[::]:80"), six, ""},
		{[]int{80}, at("172.18.0.2:80"), four, ""},
		{[]int{80}, at("127.0.0.1:80", "172.18.0.2:80"), four, ""},
		{[]int{80}, at("0.0.0.0:80"), Families{}, ""},
		{[]int{80}, at("![::]:80"), both, ""},
		{[]int{80}, at("![::]:80", "0.0.0.0:80"), four, ""},
		{[]int{80}, at("![::]:80"), four, "it listens on [::]:80" + reaches + "IPv4 address"},
		{[]int{80}, at("0.0.0.0:80"), six, "it listens on 0.0.0.0:80" + reaches + "IPv6 address"},
		{[]int{80}, at("127.0.0.1:80", "[::1]:80"), both, "it listens on 127.0.0.1:80, [::1]:80" + reaches + "address"},
		{[]int{80, 81, 82}, at("127.0.0.1:80", "[::]:82", "[::]:83"), both,
			"nothing listens on its published port 81 (listening inside: 127.0.0.1:80, [::]:82, [::]:83), and it listens on 127.0.0.1:80" + reaches + "address"},
		{[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, nil, both, "nothing listens on its published ports 1, 2, 3, 4, 5, 6, 7, 8, 2 more (listening inside: none)"},
	}
	for _, test := range tests {
		got := ""
		var addrs []netip.AddrPort
		var only []int
		for _, word := range test.all {
			a := netip.MustParseAddrPort(strings.TrimPrefix(word, "!"))
			if addrs = append(addrs, a); word[0] == '!' {
				only = append(only, int(a.Port()))
			}
		}
		all := Judge(addrs, func(int) Families { return test.to }, only)
		if err := Unheard(test.ports, all); err != nil {
			got = fmt.Sprint(err)
		}
		if got != test.want {
			t.Errorf("Unheard(%v) of %v, reached by %+v:\n%q, want\n%q", test.ports, test.all, test.to, got, test.want)
		}
	}
}
