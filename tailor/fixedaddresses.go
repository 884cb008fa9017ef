// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/seatrial/seatrial/tailor/internal/ipaddress"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// fixedAddress is an address that a service asks for on a network.
type fixedAddress struct {
	at      modeltree.Path
	network string
	ip      string
}

func (m *addressing) fixedAddresses() []fixedAddress {
	var all []fixedAddress
	for _, c := range m.containers() {
		for _, network := range c.networks() {
			for _, key := range []string{"ipv4_address", "ipv6_address"} {
				at := c.at.Join("networks", network, key)
				if ip, ok := m.get(at).(string); ok && ip != "" {
					all = append(all, fixedAddress{at, m.objects.firstOf("networks", network), ip})
				}
			}
		}
	}
	return all
}

// dropAddresses takes away fixed addresses on a network that no longer has the
// range that they are from, and reports who is told of them.
func (m *addressing) dropAddresses(r *rule, n container) {
	for _, f := range m.fixedAddresses() {
		if f.network != n.name {
			continue
		}
		m.edit(r, change{at: f.at, drop: true, treatment: Free, what: fmt.Sprintf("address %s → chosen by the engine", f.ip), reason: "the network has another range"})
		ip, err := netip.ParseAddr(f.ip)
		if err != nil {
			continue
		}
		gone := ruleNamed(m.subnetRules(), "fixed-address")
		gone.reason, gone.hint = "the service has another one in each copy", "name the service in its place"
		m.texts.textsIn(func(t text) {
			_, n := ipaddress.Replace(t.value, netip.PrefixFrom(ip, ip.BitLen()), func(a string) string { return a })
			if n > 0 {
				m.report(&gone, t.at, m.src.find(t.find), fmt.Sprintf("%s is the address of service %s", f.ip, f.at.Service()))
			}
		}, "dns", "extra_hosts", "environment", "command", "entrypoint", "labels", "healthcheck.test")
	}
}

// lostAddresses explains what the engine will say about an address without a
// subnet.
func (m *addressing) lostAddresses(r *rule) {
	fixed := map[string]bool{}
	for _, s := range m.subnets() {
		fixed[s.n.name] = true
	}
	for key, n := range modeltree.Mapping(m.orig, "networks") { // of which misplacedAddresses knows
		fixed[key] = fixed[key] || slices.ContainsFunc(modeltree.List(modeltree.Mapping(n, "ipam"), "config"), func(c any) bool { return modeltree.Str(c, "subnet") != "" })
	}
	for _, f := range m.fixedAddresses() {
		if !fixed[f.network] && !modeltree.Truth(modeltree.Mapping(modeltree.Mapping(m.tree, "networks"), f.network), "external") {
			m.report(r, f.at, spot{}, fmt.Sprintf("address %s on network %s", f.ip, f.network))
		}
	}
}

// sharedAddresses refuses addresses on a network that copies share. On one that
// the test gives, it must know that they are free.
func (m *addressing) sharedAddresses(r *rule) {
	for _, f := range m.fixedAddresses() {
		n := container{modeltree.Path{"networks", f.network}, f.network, modeltree.Mapping(modeltree.Mapping(m.tree, "networks"), f.network)}
		before := n
		before.body = modeltree.Mapping(modeltree.Mapping(m.orig, "networks"), f.network)
		if !modeltree.Truth(n.body, "external") {
			continue
		}
		switch to, ok := m.choice("Networks", m.spec.Networks, n.name, nameOf(before)); {
		case !ok:
		case to == nameOf(before):
			m.refuse(r, f.at, spot{}, f.ip, fmt.Sprintf("address %s on network %s, which copies share", f.ip, to),
				Fix{Field: "Networks", Key: n.name, Does: "makes a network for each copy, on which the engine chooses it"})
		default:
			other := *r
			other.severity, other.reason = Warning, "it has to be in the range of that network, and free there"
			m.report(&other, f.at, spot{}, fmt.Sprintf("address %s on network %s", f.ip, to))
		}
	}
}
