// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// misplacedRules come before subnets are given up or moved: the engine would say what
// is wrong with other addresses than those of the files, or nothing at all.
func (m *addressing) misplacedRules() []rule {
	return []rule{{
		name:     "fixed-address",
		severity: Refuse,
		reason:   "no engine starts the files as they are",
		doc: row{
			files: "an address outside the subnets of its network, or one that the gateway, the subnet itself or `aux_addresses` have; a gateway or " +
				"`ip_range` outside its subnet, or that is not one (`10.5.0.1/24`)",
			becomes: "refused, because no engine starts it; a note if no service that is on has it",
		},
		apply: m.misplacedAddresses,
	}}
}

// hostBits is about what engines took once, and its place in the copies.
var hostBits = rule{
	name:     "subnet",
	severity: Refuse,
	reason:   "engines from 25 on refuse the network, and in the copies it has other addresses",
}

// misplacedAddresses reports addresses that an engine cannot give out in the subnets of
// their network, and those of networks that are not in their subnet.
func (m *addressing) misplacedAddresses(r *rule) {
	started, made := map[string]bool{}, map[string]bool{}
	for _, s := range m.started() {
		started[s.name] = true
		for _, key := range s.networks() {
			made[m.objects.firstOf("networks", key)] = true
		}
	}
	report := func(at modeltree.Path, starts bool, what, hint string) {
		found := *r
		if found.hint = hint; !starts {
			found.severity = Warning
		}
		m.report(&found, at, m.src.find(at), what)
	}
	subnets := m.subnets()
	for _, s := range subnets {
		for _, wrong := range s.addressesOutside() {
			report(s.at.Join(wrong.key...), made[s.n.name], wrong.what, wrong.hint)
		}
	}
	m.reportHostBits(subnets, made)
	for _, f := range m.fixedAddresses() {
		var own []subnet
		for _, s := range subnets {
			if s.n.name == f.network && s.isDefault() {
				own = append(own, s)
			}
		}
		if len(own) == 0 {
			continue
		}
		if what, hint := f.trouble(own); what != "" {
			report(f.at, started[f.at.Service()], what, hint)
		}
	}
}

// isDefault tells whether the engine itself gives out the addresses.
func (s subnet) isDefault() bool {
	driver := modeltree.Str(modeltree.Mapping(s.n.body, "ipam"), "driver")
	return driver == "" || driver == "default"
}

// reportHostBits reports ranges that are written as an address in them, and parts of a
// subnet that are larger than that.
func (m *addressing) reportHostBits(subnets []subnet, made map[string]bool) {
	for _, s := range subnets {
		if !s.isJudged() {
			continue
		}
		found := hostBits
		if !made[s.n.name] {
			found.severity = Warning
		}
		report := func(key, what string) {
			at := s.at.Join(key)
			m.refuse(&found, at, m.src.find(at), "", what)
		}
		if text := modeltree.Str(s.config, "subnet"); s.bits != s.prefix {
			report("subnet", fmt.Sprintf("subnet %s is an address in it, and has to be %s", text, s.prefix))
		}
		switch part, err := netip.ParsePrefix(modeltree.Str(s.config, "ip_range")); {
		case err != nil || !s.prefix.Contains(part.Addr()): // of which addressesOutside knows
		case part != part.Masked():
			report("ip_range", fmt.Sprintf("ip_range %s is an address in it, and has to be %s", part, part.Masked()))
		case part.Bits() < s.prefix.Bits():
			report("ip_range", fmt.Sprintf("ip_range %s is larger than subnet %s", part, s.prefix))
		}
	}
}

// isJudged tells whether an engine looks at a subnet at all.
func (s subnet) isJudged() bool {
	return s.prefix.Addr().Is4() || modeltree.Truth(s.n.body, "enable_ipv6")
}

// outsideAddress is something in the options of a subnet that is not in it.
type outsideAddress struct {
	key        []any
	what, hint string
}

func (s subnet) addressesOutside() []outsideAddress {
	var all []outsideAddress
	add := func(what, text string, key ...any) {
		first, bits, isRange := strings.Cut(text, "/")
		ip, err := netip.ParseAddr(first)
		wanted := key[0] == "ip_range"
		switch {
		case text == "":
		case err != nil:
			all = append(all, outsideAddress{key, fmt.Sprintf("%s %s is no address", what, text), ""})
		case wanted && !isRange:
			all = append(all, outsideAddress{key, fmt.Sprintf("%s %s is no range", what, text), "a range has a length, as " + text + "/28 has"})
		case isRange && !wanted:
			all = append(all, outsideAddress{key, fmt.Sprintf("%s %s is no address", what, text), "write " + first + ": /" + bits + " is the length of the subnet"})
		case !s.prefix.Contains(ip) && s.isJudged():
			all = append(all, outsideAddress{key, fmt.Sprintf("%s %s is outside of subnet %s", what, text, s.prefix), ""})
		}
	}
	add("gateway", modeltree.Str(s.config, "gateway"), "gateway")
	add("ip_range", modeltree.Str(s.config, "ip_range"), "ip_range")
	aux := modeltree.Mapping(s.config, "aux_addresses")
	for _, name := range modeltree.Keys(aux) {
		add("address "+name, modeltree.Str(aux, name), "aux_addresses", name)
	}
	return all
}

// trouble says why a network with some subnets cannot give an address to a container.
func (f fixedAddress) trouble(subnets []subnet) (what, hint string) {
	key := fmt.Sprint(f.at[len(f.at)-1])
	ip, err := netip.ParseAddr(f.ip)
	if err != nil || ip.Is4() != (key == "ipv4_address") {
		return fmt.Sprintf("%s %s is no address of IPv%c", key, f.ip, key[3]), ""
	}
	i := slices.IndexFunc(subnets, func(s subnet) bool { return s.prefix.Contains(ip) })
	if i < 0 {
		var names []string
		for _, s := range subnets {
			names = append(names, s.prefix.String())
		}
		return fmt.Sprintf("address %s is outside of network %s, which has subnet %s", ip, f.network, strings.Join(names, " and ")), ""
	}
	if is := subnets[i].takenBy(ip); is != "" {
		return fmt.Sprintf("address %s is %s of network %s", ip, is, f.network), fmt.Sprintf("another one of %s is free", subnets[i].prefix)
	}
	return "", ""
}

// isIsolated tells whether the bridge of a network has no address in the subnet.
func (s subnet) isIsolated() bool {
	options := settings(s.n.body["driver_opts"])
	option := func(name, want string) bool {
		value := options["com.docker.network.bridge."+name]
		return value != nil && *value == want
	}
	if s.prefix.Addr().Is6() {
		return option("gateway_mode_ipv6", "isolated")
	}
	return option("gateway_mode_ipv4", "isolated") || option("inhibit_ipv4", "true") && modeltree.Truth(s.n.body, "internal")
}

// takenBy says what has an address of a subnet before any container is there, "" for
// nothing. Where the engine chooses the gateway, it takes the first address; of a part
// of a subnet engines take another one.
func (s subnet) takenBy(ip netip.Addr) string {
	driver := modeltree.Str(s.n.body, "driver")
	first := s.prefix.Masked().Addr()
	isSmall := s.prefix.Bits() >= first.BitLen()-1
	gateway, err := netip.ParseAddr(modeltree.Str(s.config, "gateway"))
	switch {
	case err == nil && ip == gateway:
		return "the gateway"
	case modeltree.Str(s.config, "gateway") == "" && modeltree.Str(s.config, "ip_range") == "" && !isSmall && isBridge(driver) && ip == first.Next() && !s.isIsolated():
		return "the gateway, which is the first address where the file names no other,"
	case !isSmall && ip == first:
		return "the address of the subnet itself"
	case !isSmall && ip.Is4() && !s.prefix.Contains(ip.Next()):
		return "the broadcast address"
	}
	aux := modeltree.Mapping(s.config, "aux_addresses")
	for _, name := range modeltree.Keys(aux) {
		if reserved, err := netip.ParseAddr(modeltree.Str(aux, name)); err == nil && reserved == ip {
			return cmp.Or(name, "aux_addresses") + " in aux_addresses"
		}
	}
	return ""
}

func isBridge(driver string) bool { return driver == "" || driver == "default" || driver == "bridge" }
