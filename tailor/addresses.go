// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"net/netip"
	"regexp"
	"strings"
)

// addressUse is a value in the files that has addresses in it.
type addressUse struct{ text }

var (
	address4 = regexp.MustCompile(`\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?`)
	address6 = regexp.MustCompile(`[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:/\d{1,3})?`)
)

// addressUses returns the values that name an address in one of the subnets:
// fixed addresses, name servers, hosts, and whole addresses in settings and
// commands. Those in mounted files are not seen.
func (m *model) addressUses(subnets []subnet) map[netip.Prefix][]addressUse {
	uses := map[netip.Prefix][]addressUse{}
	look := func(t text) {
		for _, s := range subnets {
			if _, n := replaceAddresses(t.value, s.prefix, func(a string) string { return a }); n > 0 {
				uses[s.prefix] = append(uses[s.prefix], addressUse{t})
			}
		}
	}
	for _, c := range m.containers() {
		for _, network := range c.networks() {
			for _, key := range []string{"ipv4_address", "ipv6_address"} {
				at := c.at.join("networks", network, key)
				if ip, ok := m.get(at).(string); ok {
					look(text{c: c, at: at, find: at, value: ip})
				}
			}
		}
	}
	m.envFileTexts(look)
	m.textsIn(look, "dns", "extra_hosts", "environment", "command", "entrypoint", "labels", "healthcheck.test")
	return uses
}

// apply edits one value, which an earlier subnet may have edited as well.
func (u addressUse) apply(m *model, r *rule, in netip.Prefix, move func(string) string) {
	from := u.from
	if from.l == nil {
		from = m.src.find(u.find)
	} else {
		u.at, u.prefix = m.settingOf(u.c, u.key)
	}
	now, ok := m.get(u.at).(string)
	if !ok && u.from.l != nil {
		now = u.prefix + u.text.value
	}
	value, _ := strings.CutPrefix(now, u.prefix)
	var what []string
	value, _ = replaceAddresses(value, in, func(a string) string {
		to := move(a)
		what = append(what, a+" → "+to)
		return to
	})
	m.edit(r, change{at: u.at, value: u.prefix + value, from: from, treatment: Follow,
		what: strings.Join(what, ", "), reason: "it is in a subnet that was leased"})
}

// replaceAddresses replaces the whole addresses of a subnet in a text, with the
// length after them if that makes a smaller range, and counts them.
func replaceAddresses(s string, in netip.Prefix, to func(string) string) (string, int) {
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
