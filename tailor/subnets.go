// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/seatrial/seatrial/tailor/internal/ipaddress"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// addressing knows the ranges of addresses that the files fix, and the addresses in them.
type addressing struct {
	*document
	*decisions
	leasing *leasing
	objects *objects
	texts   *textReader
}

func (m *addressing) subnetRules() []rule {
	return []rule{{
		name:      "subnet",
		treatment: Free,
		severity:  Warning,
		reason:    "the engine refuses a second network with the same addresses",
		doc: row{
			files: "a subnet",
			becomes: "chosen by the engine if no address in it is used. Otherwise it is leased, and all addresses in it move along: fixed ones, " +
				"`dns`, `extra_hosts`, settings (also in env files), commands, labels, health checks. The numbers that all of them begin with " +
				"(`172.29.7`) move if the setting says what they are (`TRUSTED_NETS`); otherwise they are a note. A range that is written as an " +
				"address in it (`10.5.0.1/24`) is refused, because engines from 25 on do not take it",
		},
		apply: m.moveSubnets,
	}, {
		name:     "fixed-address",
		severity: Warning,
		reason:   "the engine gives fixed addresses only in networks whose subnet is fixed, too",
		hint:     "give the network a subnet, or take the address out",
		doc: row{
			files:   "an address on a network without a subnet",
			becomes: "a warning: the engine will refuse it",
		},
		apply: m.lostAddresses,
	}, {
		name:     "fixed-address",
		severity: Refuse,
		lockable: true,
		reason:   "a network has each address once, and every copy asks for it",
		doc: row{
			files: "an address on an external network",
			becomes: "refused if copies share the network; chosen by the engine if each has a network of its own, with a warning if something names " +
				"the address",
		},
		apply: m.sharedAddresses,
	}}
}

// subnet is a range of addresses that the files fix.
type subnet struct {
	n      container
	at     modeltree.Path // networks.front.ipam.config[0]
	prefix netip.Prefix
	bits   netip.Prefix // with those of hosts that the file has
	config map[string]any
	index  int
}

// moveSubnets lets the engine choose where the files fix a range and use none
// of its addresses. Otherwise a range of the same size is leased, and the
// addresses move there.
func (m *addressing) moveSubnets(r *rule) {
	subnets := m.subnets()
	if len(subnets) == 0 {
		return
	}
	uses := m.addressUses(subnets)
	done := map[string]bool{}
	for _, s := range subnets {
		m.noteFirst(r, s)
		key := s.n.name
		used := slices.ContainsFunc(subnets, func(o subnet) bool {
			return o.n.name == key && (len(uses[o.prefix]) > 0 || o.prefix.Addr().Is6() && modeltree.Truth(o.n.body, "enable_ipv6"))
		})
		switch {
		case used && m.in.overrideOnly:
			m.report(r, s.at.Join("subnet"), spot{}, fmt.Sprintf("subnet %s is fixed, and addresses in it are", s.prefix))
		case used:
			m.leaseSubnet(r, s, uses[s.prefix])
			m.reportLeftAddresses(r, s)
		case !done[key]:
			done[key] = true
			m.edit(r, change{at: s.n.at.Join("ipam", "config"), drop: true, from: m.src.find(s.at.Join("subnet")),
				what: fmt.Sprintf("subnet %s → chosen by the engine", s.prefix)})
		}
	}
}

func (m *addressing) subnets() []subnet {
	var all []subnet
	for _, n := range m.resources("networks") {
		if modeltree.Truth(n.body, "external") || m.objects.firstOf("networks", n.name) != n.name {
			continue
		}
		for i, c := range modeltree.List(modeltree.Mapping(n.body, "ipam"), "config") {
			config, _ := c.(map[string]any)
			if prefix, err := netip.ParsePrefix(modeltree.Str(config, "subnet")); err == nil {
				all = append(all, subnet{n, n.at.Join("ipam", "config", i), prefix.Masked(), prefix, config, i})
			}
		}
	}
	return all
}

// noteFirst notes the numbers that a subnet begins with, where they may be something else.
func (m *addressing) noteFirst(r *rule, s subnet) {
	found := *r
	found.severity, found.reason = Note, "the network has other addresses in each copy; this is left alone, as it may be something else"
	m.texts.eachText(func(t text) {
		_, n := ipaddress.ReplaceFirst(t.value, s.prefix, func(a string) string { return a })
		if s.prefix.Bits() < 24 || n == 0 || saysAddress(t) {
			return
		}
		from := t.from
		if from.l == nil {
			from = m.src.find(t.find)
		}
		m.report(&found, t.at, from, fmt.Sprintf("%s is how addresses on network %s begin", ipaddress.First(s.prefix), s.n.name))
	})
}

func (m *addressing) leaseSubnet(r *rule, s subnet, uses []addressUse) {
	words := []string{"SUBNET", s.n.name}
	if s.index > 0 {
		words = append(words, strconv.Itoa(s.index+1))
	}
	lease := SubnetLease{Variable: m.leasing.variable("subnet "+s.at.String(), words...), Network: s.n.name, Subnet: s.prefix.String()}
	mark := m.leasing.mark(lease.Variable)
	m.edit(r, change{at: s.at.Join("subnet"), value: mark, treatment: Lease, what: fmt.Sprintf("subnet %s → leased", s.prefix)})
	move := func(address string) string {
		if prefix, err := netip.ParsePrefix(address); err == nil && prefix == s.prefix {
			return mark
		}
		name := m.leasing.variable("address "+address, "ADDRESS", address)
		if !slices.ContainsFunc(lease.Addresses, func(a AddressLease) bool { return a.Variable == name }) {
			lease.Addresses = append(lease.Addresses, AddressLease{name, address})
		}
		return m.leasing.mark(name)
	}
	edit := func(at modeltree.Path, address string) {
		to := move(address)
		m.edit(r, change{at: at, value: to, treatment: Follow, what: address + " → " + to, reason: "it is in a subnet that was leased"})
	}
	for _, key := range []string{"gateway", "ip_range"} {
		if v := modeltree.Str(s.config, key); v != "" {
			edit(s.at.Join(key), v)
		}
	}
	aux := modeltree.Mapping(s.config, "aux_addresses")
	for _, key := range modeltree.Keys(aux) {
		edit(s.at.Join("aux_addresses", key), modeltree.Str(aux, key))
	}
	for _, u := range uses {
		m.moveUse(r, u, s.prefix, move)
	}
	m.plan.Leases.Subnets = append(m.plan.Leases.Subnets, lease)
}

// overlapping reports each subnet that overlaps an earlier one, of networks that
// are made, if the two collide.
func (m *addressing) overlapping(r *rule, made map[string]bool, collide func(a, b subnet) bool) {
	found := *r
	found.reason = "the engine refuses the second network, and in the copies they have other addresses"
	subnets := m.subnets()
	places := make([]Place, len(subnets))
	for i, s := range subnets {
		places[i] = m.src.find(s.at.Join("subnet")).place(s.at)
	}
	for i, s := range subnets {
		for j, other := range subnets[:i] {
			if !made[s.n.name] || !made[other.n.name] || !s.prefix.Overlaps(other.prefix) || !collide(s, other) {
				continue
			}
			first, second := j, i
			if places[i].before(places[j], m.plan.order) {
				first, second = i, j
			}
			m.refuse(&found, subnets[second].at.Join("subnet"), spot{}, "", fmt.Sprintf("subnet %s overlaps %s of network %s%s",
				subnets[second].prefix, subnets[first].prefix, subnets[first].n.name, places[first].within()))
		}
	}
}
