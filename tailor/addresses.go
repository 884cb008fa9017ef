// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"net/netip"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/ipaddress"
)

// addressUse is a value in the files that has addresses in it.
type addressUse struct{ text }

// addressUses returns the values that name an address in one of the subnets:
// fixed addresses, name servers, hosts, and whole addresses in settings and
// commands. Those in mounted files are not seen.
func (m *addressing) addressUses(subnets []subnet) map[netip.Prefix][]addressUse {
	uses := map[netip.Prefix][]addressUse{}
	look := func(t text) {
		for _, s := range subnets {
			if _, n := ipaddress.Replace(t.value, s.prefix, func(a string) string { return a }); n > 0 {
				uses[s.prefix] = append(uses[s.prefix], addressUse{t})
			} else if _, n := ipaddress.ReplaceFirst(t.value, s.prefix, func(a string) string { return a }); n > 0 && saysAddress(t) {
				uses[s.prefix] = append(uses[s.prefix], addressUse{t})
			}
		}
	}
	for _, c := range m.containers() {
		for _, network := range c.networks() {
			for _, key := range []string{"ipv4_address", "ipv6_address"} {
				at := c.at.Join("networks", network, key)
				if ip, ok := m.get(at).(string); ok {
					look(text{c: c, at: at, find: at, value: ip})
				}
			}
		}
	}
	m.texts.envFileTexts(look)
	m.texts.textsIn(look, "dns", "extra_hosts", "environment", "command", "entrypoint", "labels", "healthcheck.test")
	return uses
}

// moveUse edits one value, which an earlier subnet may have edited as well.
func (m *addressing) moveUse(r *rule, u addressUse, in netip.Prefix, move func(string) string) {
	from := u.from
	if from.l == nil {
		from = m.src.find(u.find)
	} else {
		u.at, u.prefix = m.texts.settingOf(u.c, u.key)
	}
	now, ok := m.get(u.at).(string)
	if !ok && u.from.l != nil {
		now = u.prefix + u.text.value
	}
	value, _ := strings.CutPrefix(now, u.prefix)
	var what []string
	follow := func(a string) string {
		to := move(a)
		what = append(what, a+" → "+to)
		return to
	}
	value, _ = ipaddress.Replace(value, in, follow)
	if saysAddress(u.text) {
		value, _ = ipaddress.ReplaceFirst(value, in, follow)
	}
	m.edit(r, change{at: u.at, value: u.prefix + value, from: from, treatment: Follow,
		what: strings.Join(what, ", "), reason: "it is in a subnet that was leased"})
}

// saysAddress tells whether numbers in a text are the beginning of an address: the name of
// the setting says so, or a star for the rest. They may be a version otherwise.
func saysAddress(t text) bool {
	return strings.Contains(t.value, ".*") ||
		saysOne(t.key, []string{"net", "nets", "prefix", "network", "networks", "subnet", "subnets", "ip", "ips", "ipv4", "addr", "address", "addresses", "cidr", "range", "trusted", "allow", "allowed"})
}
