// SPDX-License-Identifier: Apache-2.0

package ipaddress

import (
	"net/netip"
	"regexp"
	"strings"
)

var (
	address4 = regexp.MustCompile(`\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?`)
	address6 = regexp.MustCompile(`[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:/\d{1,3})?`)
)

// Replace replaces the whole addresses of a subnet in a text, with the
// length after them if that makes a smaller range, and counts them.
func Replace(s string, in netip.Prefix, to func(string) string) (string, int) {
	pattern, part := address4, "0123456789."
	if in.Addr().Is6() {
		pattern, part = address6, "0123456789abcdefABCDEF:."
	}
	var b strings.Builder
	n, last := 0, 0
	for _, at := range pattern.FindAllStringIndex(s, -1) {
		before, after := at[0] > 0 && strings.IndexByte(part, s[at[0]-1]) >= 0, at[1] < len(s) && strings.IndexByte(part, s[at[1]]) >= 0
		word := s[at[0]:at[1]]
		address, bits, isRange := strings.Cut(word, "/")
		ip, err := netip.ParseAddr(address)
		if before || after || err != nil || !in.Contains(ip) {
			continue
		}
		rest := ""
		if prefix, err := netip.ParsePrefix(word); isRange && (err != nil || prefix.Masked().Addr() != ip) {
			word, rest = address, "/"+bits // an address, and how long its network is
		}
		b.WriteString(s[last:at[0]] + to(word) + rest)
		last = at[1]
		n++
	}
	return b.String() + s[last:], n
}

// First returns the numbers that all addresses of a subnet of IPv4 begin with, "10.5.0" of
// 10.5.0.0/24, "" where the subnet does not end at a dot.
func First(in netip.Prefix) string {
	if !in.Addr().Is4() || in.Bits()%8 != 0 || in.Bits() == 0 || in.Bits() == 32 {
		return ""
	}
	return strings.Join(strings.Split(in.Masked().Addr().String(), ".")[:in.Bits()/8], ".")
}

// ReplaceFirst replaces what First returns in a text, where no whole address follows, and
// counts it. The third number of an address in a subnet that has two of them fixed may follow.
func ReplaceFirst(s string, in netip.Prefix, to func(string) string) (string, int) {
	first := First(in)
	if first == "" {
		return s, 0
	}
	third := ""
	if in.Bits() == 16 {
		third = `(?:\.\d{1,3})?`
	}
	pattern := regexp.MustCompile(`(?:^|[^0-9A-Za-z.])(` + regexp.QuoteMeta(first) + `)` + third + `(?:\.\*|\.?$|\.?[^0-9A-Za-z.])`)
	var b strings.Builder
	n := 0
	for {
		at := pattern.FindStringSubmatchIndex(s)
		if at == nil {
			return b.String() + s, n
		}
		b.WriteString(s[:at[2]] + to(first))
		s = s[at[3]:] // what ends this one may begin the next
		n++
	}
}

// Moved gives an address the network part of a prefix.
func Moved(ip netip.Addr, to netip.Prefix) netip.Addr {
	bytes, network := ip.AsSlice(), to.Masked().Addr().AsSlice()
	for i := range bytes {
		mask := byte(0xff)
		if n := to.Bits() - 8*i; n <= 0 {
			mask = 0
		} else if n < 8 {
			mask <<= 8 - n
		}
		bytes[i] = network[i]&mask | bytes[i]&^mask
	}
	moved, _ := netip.AddrFromSlice(bytes)
	return moved
}
