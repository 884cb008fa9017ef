// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// What one start of the files takes twice is looked for first, before other rules
// give it up: the copies would start, and whoever gets the files could not start
// them.
var selfCollisionRules = []rule{{
	name:     "self-collision",
	severity: Refuse,
	reason:   "docker compose cannot start these files as they are on any machine, and the copies would hide it",
	apply:    selfCollisions,
}}

// collisionDepends is the reason of a collision that not every machine has.
const collisionDepends = "whether these files start as they are depends on the machine and on what starts first, and the copies would hide it"

func selfCollisions(m *model, r *rule) {
	m.collidingNames(r)
	m.collidingPorts(r)
	m.collidingSubnets(r)
	m.collidingBridges(r)
	m.collidingAddresses(r)
	m.collidingObjects(r, "networks", "volumes")
}

// started is a service that a plain start of the files starts, and how many
// containers it gets.
type started struct {
	container
	count int
}

func (m *model) started() []started {
	var all []started
	for _, c := range m.containers() {
		if m.isStarted(c) {
			typed := m.project.Services[c.name]
			all = append(all, started{c, typed.GetScale()})
		}
	}
	return all
}

// after tells whether a service starts only when another one has ended, and has
// given back what it took.
func (m *model) after(service, ended string) bool {
	seen := map[string]bool{}
	var look func(string) bool
	look = func(name string) bool {
		if seen[name] {
			return false
		}
		seen[name] = true
		for needed, how := range m.project.Services[name].DependsOn {
			if needed == ended && how.Condition == types.ServiceConditionCompletedSuccessfully || look(needed) {
				return true
			}
		}
		return false
	}
	return look(service)
}

// apart tells whether two services never run at the same time.
func (m *model) apart(a, b string) bool { return m.after(a, b) || m.after(b, a) }

func (m *model) collidingPorts(r *rule) {
	claims := m.claims()
	for _, c := range claims {
		m.roomFor(r, c.service, c.last-c.first+1)
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

// roomFor notes for how many containers the host ports of a service suffice, unless
// the test does not want to hear of it.
func (m *model) roomFor(r *rule, service string, containers int) {
	if known := m.rooms[service]; known == 0 || known > containers {
		m.rooms[service] = containers
	}
	if m.listed("Allow", m.spec.Allow, r.name) {
		delete(m.rooms, service)
	}
}

// claims returns the host ports that the files fix, of what a plain start starts,
// in the order of the files.
func (m *model) claims() []*claim {
	var all []*claim
	for _, s := range m.started() {
		four, six := m.families(s.container)
		for i, p := range modeltree.List(s.body, "ports") {
			numbers := portentry.Published(p)
			if len(numbers) == 0 {
				continue
			}
			c := &claim{
				service: s.name, target: portentry.Target(p), count: s.count, protocol: portentry.Protocol(p), first: numbers[0], last: numbers[len(numbers)-1],
				at: s.at.Join("ports", i), from: m.portSpot(s.at, p.(map[string]any)),
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
func (m *model) collidingSubnets(r *rule) {
	made := map[string]bool{}
	for _, s := range m.started() {
		for _, key := range s.networks() {
			made[m.firstOf("networks", key)] = true
		}
	}
	m.overlapping(r, made, func(a, b subnet) bool { return a.collides(b) })
}

// overlapping reports each subnet that overlaps an earlier one, of networks that
// are made, if the two collide.
func (m *model) overlapping(r *rule, made map[string]bool, collide func(a, b subnet) bool) {
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

func isBridge(driver string) bool { return driver == "" || driver == "default" || driver == "bridge" }

// collidingBridges reports networks that are to be one interface of the machine.
func (m *model) collidingBridges(r *rule) {
	found := *r
	found.reason = "the engine refuses the second network, and in the copies the bridges have other names"
	first := map[string]container{}
	made := map[string]bool{}
	for _, s := range m.started() {
		for _, key := range s.networks() {
			made[m.firstOf("networks", key)] = true
		}
	}
	for _, n := range m.resources("networks") {
		name := modeltree.Str(modeltree.Mapping(n.body, "driver_opts"), bridgeName)
		if name == "" || !made[n.name] || m.firstOf("networks", n.name) != n.name || modeltree.Truth(n.body, "external") || !isBridge(modeltree.Str(n.body, "driver")) {
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
func (m *model) collidingAddresses(r *rule) {
	found := *r
	found.reason = "a network gives each address to one container, and the start of the other fails"
	type user struct {
		service string
		at      modeltree.Path
	}
	users := map[string][]user{}
	for _, s := range m.started() {
		for _, f := range m.fixedAddresses() {
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

// within is the place in brackets, where it is known.
func (pl Place) within() string {
	if pl.File == "" {
		return ""
	}
	return fmt.Sprintf(" (%s:%d)", pl.File, pl.Line)
}
