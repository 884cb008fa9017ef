// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// startCollisions finds what one start of the files takes twice.
type startCollisions struct {
	*document
	*decisions
	addressing *addressing
	hostPorts  *hostPorts
	networks   *networks
	objects    *objects
}

// What one start of the files takes twice is looked for first, before other rules
// give it up: the copies would start, and whoever gets the files could not start
// them.
func (m *startCollisions) selfCollisionRules() []rule {
	return []rule{{
		name:     "self-collision",
		severity: Refuse,
		reason:   "docker compose cannot start these files as they are on any machine, and the copies would hide it",
		doc: row{
			files: "what one start of the files uses twice: a host port (of two services, or of several containers of one, with the same protocol " +
				"and address), a container name (also `PROJECT-SERVICE-1`, which docker compose gives to a service without one; a warning if the " +
				"project is named after its directory), overlapping subnets, a bridge, an address of a network; or one tag for two builds that " +
				"make different images, however they are written, so that chance decides which of them runs",
			becomes: "refused, because the copies would hide it; a warning if it depends on the machine, or on what starts first. Services that are " +
				"off do not count, nor does one that starts only when the other has completed. `Allow` accepts it",
		},
		apply: m.selfCollisions,
	}}
}

// collisionDepends is the reason of a collision that not every machine has.
const collisionDepends = "whether these files start as they are depends on the machine and on what starts first, and the copies would hide it"

func (m *startCollisions) selfCollisions(r *rule) {
	m.collidingNames(r)
	m.collidingPorts(r)
	m.collidingSubnets(r)
	m.collidingBridges(r)
	m.collidingAddresses(r)
	m.objects.collidingObjects(r, "networks", "volumes")
}

func (m *startCollisions) collidingPorts(r *rule) {
	claims := m.claims()
	for _, c := range claims {
		m.hostPorts.roomFor(r, c.service, c.last-c.first+1)
	}
	crowds := overcrowded(claims, func(c *claim) []netip.Addr { return c.on }, m.apart)
	for _, c := range crowds {
		m.refuse(r, c.last().at, c.last().from, "", c.what())
	}
	sure := map[string]bool{}
	for _, c := range crowds {
		sure[c.key()] = true
	}
	depends := *r
	depends.severity, depends.reason = Warning, collisionDepends
	everywhere := func(c *claim) []netip.Addr { return slices.Concat(c.on, c.perhaps) }
	for _, c := range slices.Concat(overcrowded(claims, everywhere, m.apart), disputed(claims, everywhere, m.apart)) {
		if !sure[c.key()] {
			sure[c.key()] = true
			m.refuse(&depends, c.last().at, c.last().from, "", c.what())
		}
	}
}

// claims returns the host ports that the files fix, of what a plain start starts,
// in the order of the files.
func (m *startCollisions) claims() []*claim {
	var all []*claim
	for _, s := range m.started() {
		four, six := m.networks.families(s.container)
		for i, p := range modeltree.List(s.body, "ports") {
			numbers := portentry.Published(p)
			if len(numbers) == 0 {
				continue
			}
			c := &claim{
				service: s.name, target: portentry.Target(p), count: s.count, protocol: portentry.Protocol(p), first: numbers[0], last: numbers[len(numbers)-1],
				at: s.at.Join("ports", i), from: m.hostPorts.portSpot(s.at, p.(map[string]any)),
			}
			if c.listen(modeltree.Str(p, "host_ip"), four, six); len(c.on)+len(c.perhaps) > 0 {
				c.place = c.from.place(c.at)
				all = append(all, c)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *claim) int { return a.place.compare(b.place, m.plan.order) })
	return all
}

// collidingSubnets reports networks with the same addresses: the engine makes the
// first of them.
func (m *startCollisions) collidingSubnets(r *rule) {
	made := map[string]bool{}
	for _, s := range m.started() {
		for _, key := range s.networks() {
			made[m.objects.firstOf("networks", key)] = true
		}
	}
	m.addressing.overlapping(r, made, func(a, b subnet) bool { return a.collides(b) })
}

// collides tells whether an engine refuses the two together. One that gives out
// addresses of a part of a subnet only leaves it to the driver to look.
func (s subnet) collides(other subnet) bool {
	if !s.used() || !other.used() {
		return false
	}
	a, b := modeltree.Str(s.n.body, "driver"), modeltree.Str(other.n.body, "driver")
	if a == "overlay" != (b == "overlay") { // which has addresses of the swarm
		return false
	}
	parts := modeltree.Str(s.config, "ip_range")+modeltree.Str(other.config, "ip_range") != ""
	return !parts || s.n.name != other.n.name && isBridge(a) && isBridge(b)
}

// used tells whether the engine's own management of addresses takes the subnet.
func (s subnet) used() bool {
	if driver := modeltree.Str(modeltree.Mapping(s.n.body, "ipam"), "driver"); driver != "" && driver != "default" {
		return false
	}
	four, six := familiesOf(s.n.body)
	return s.prefix.Addr().Is4() && four || s.prefix.Addr().Is6() && six
}

// collidingBridges reports networks that are to be one interface of the machine.
func (m *startCollisions) collidingBridges(r *rule) {
	found := *r
	found.reason = "the engine refuses the second network, and in the copies the bridges have other names"
	first := map[string]container{}
	made := map[string]bool{}
	for _, s := range m.started() {
		for _, key := range s.networks() {
			made[m.objects.firstOf("networks", key)] = true
		}
	}
	for _, n := range m.resources("networks") {
		name := modeltree.Str(modeltree.Mapping(n.body, "driver_opts"), bridgeName)
		if name == "" || !made[n.name] || m.objects.firstOf("networks", n.name) != n.name || modeltree.Truth(n.body, "external") || !isBridge(modeltree.Str(n.body, "driver")) {
			continue
		}
		at := n.at.Join("driver_opts", bridgeName)
		if other, ok := first[name]; ok {
			place := m.src.find(other.at.Join("driver_opts", bridgeName)).place(at)
			m.refuse(&found, at, spot{}, "", fmt.Sprintf("bridge %s is also that of network %s%s", name, other.name, place.within()))
			continue
		}
		first[name] = n
	}
}

// collidingAddresses reports addresses of a network that several containers ask
// for.
func (m *startCollisions) collidingAddresses(r *rule) {
	found := *r
	found.reason = "a network gives each address to one container, and the start of the other fails"
	type user struct {
		service string
		at      modeltree.Path
	}
	users := map[string][]user{}
	for _, s := range m.started() {
		for _, f := range m.addressing.fixedAddresses() {
			ip, err := netip.ParseAddr(f.ip)
			if err != nil || f.at.Service() != s.name {
				continue
			}
			if s.count > 1 {
				m.refuse(&found, f.at, spot{}, "", fmt.Sprintf("its %d containers want address %s", s.count, ip))
			}
			key := f.network + " " + ip.String()
			for _, other := range users[key] {
				if !m.apart(s.name, other.service) {
					m.refuse(&found, f.at, spot{}, "", fmt.Sprintf("address %s on network %s is also that of service %s%s",
						ip, f.network, other.service, m.src.find(other.at).place(other.at).within()))
					break
				}
			}
			users[key] = append(users[key], user{s.name, f.at})
		}
	}
}
