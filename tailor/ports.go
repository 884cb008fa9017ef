// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// ports gives up, leases or keeps the host ports of a project.
type ports struct {
	*document
	*decisions
	hostPorts *hostPorts
	leasing   *leasing
	networks  *networks
	refs      *portReader
}

func (m *ports) portRules() []rule {
	return []rule{{
		name:     "ports",
		severity: Refuse,
		reason:   "other host ports are expected of the files",
		doc: row{
			becomes: "with `Ports`: another set of host ports is refused",
		},
		apply: m.assertPorts,
	}, {
		name:     "unpublished-port",
		severity: Warning,
		reason:   "docker compose publishes nothing there, and says nothing",
		doc: row{
			files: "a port that cannot be published: the networks of its service are all internal, or it has none, or the port is on an IPv4 " +
				"address and they have no IPv4",
			becomes: "a warning: docker compose does not publish it, and does not say so",
		},
		apply: m.unpublishedPorts,
	}, {
		name:      "fixed-port",
		treatment: Free,
		severity:  Note,
		reason:    "two copies cannot share it",
		doc: row{
			files: "a host port",
			becomes: "chosen by the engine, on 127.0.0.1 (on another loopback address if the file has one, on ::1 if the networks of the service have " +
				"only IPv6). A test looks it up by the number in the file. It is leased, which means chosen before the start and held for this " +
				"copy, if the number has to be known before (below), if tcp and udp need the same one, or with `StablePorts`. Two host ports for " +
				"one port of a container become one",
		},
		apply: m.freePorts,
	}, {
		name:      "host-ip",
		treatment: Free,
		reason:    "the address belongs to one machine",
		doc: row{
			files:   "an address of one machine",
			becomes: "127.0.0.1",
		},
		apply: m.freeAddresses,
	}, {
		name:     "port-protocols",
		severity: Warning,
		reason:   "the engine chooses a number for each protocol, so a client that expects one number for both finds the wrong port",
		hint:     "inside the project both have the old number; docker port tells the two that the engine chose",
		doc: row{
			files:   "one number for tcp and udp",
			becomes: "a warning, if nothing can be leased",
		},
		apply: m.twoProtocols,
	}}
}

// unpublishedPorts finds ports that the engine publishes nowhere.
func (m *ports) unpublishedPorts(r *rule) {
	for _, c := range m.containers() {
		mode := modeltree.Str(c.body, "network_mode")
		if !m.active(c.name) || c.at[0] != "services" || mode != "" && mode != "none" {
			continue
		}
		four, six := m.networks.families(c)
		for i, p := range modeltree.List(c.body, "ports") {
			port, isPort := p.(map[string]any)
			if !isPort {
				continue
			}
			ip, err := netip.ParseAddr(modeltree.Str(port, "host_ip"))
			why := ""
			switch {
			case mode == "none":
				why = "it has no network"
			case !four && !six && m.isolated(c):
				why = "nothing leads out of its networks, which are internal"
			case err == nil && ip.Is4() && six && !four:
				why = "its networks have no IPv4"
			}
			if why != "" {
				m.report(r, c.at.Join("ports", i), m.hostPorts.portSpot(c.at, port), fmt.Sprintf("port %s is not published: %s", portentry.Target(port), why))
			}
		}
	}
}

// isolated tells whether all networks of a service are internal.
func (m *ports) isolated(c container) bool {
	keys := c.networks()
	return len(keys) > 0 && !slices.ContainsFunc(keys, func(key string) bool {
		return !modeltree.Truth(modeltree.Mapping(modeltree.Mapping(m.tree, "networks"), key), "internal")
	})
}

// assertPorts compares the host ports of the files with those of the spec, and
// finds numbers in the spec that the files don't have.
func (m *ports) assertPorts(r *rule) {
	var there []int
	for _, c := range m.containers() {
		for _, p := range modeltree.List(c.body, "ports") {
			there = append(there, portentry.Published(p)...)
		}
	}
	switch m.spec.PortReferences {
	case "", "all", "off":
	default:
		m.reportSpec("PortReferences", fmt.Sprintf("PortReferences is %q", m.spec.PortReferences), `want "", "all" or "off"`)
	}
	if m.spec.StablePorts && m.in.overrideOnly {
		m.reportSpec("StablePorts", "StablePorts: ports are not leased here", "leave it out, and look ports up again after a restart")
	}
	slices.Sort(there)
	there = slices.Compact(there)
	hint := "the files fix no host port"
	if len(there) > 0 {
		hint = "the files fix " + portentry.Numbers(there)
	}
	missing := func(n int) bool { return !slices.Contains(there, n) }
	for _, n := range slices.DeleteFunc(slices.Clone(m.spec.KeepPorts), func(n int) bool { return !missing(n) }) {
		m.reportSpec("KeepPorts", fmt.Sprintf("KeepPorts has %d, which is no host port of the files", n), hint)
	}
	if len(m.spec.Ports) == 0 {
		return
	}
	for _, n := range slices.DeleteFunc(slices.Clone(m.spec.Ports), func(n int) bool { return !missing(n) }) {
		m.reportSpec("Ports", fmt.Sprintf("Ports has %d, which is no host port of the files", n), hint)
	}
	for _, c := range m.containers() {
		for i, p := range modeltree.List(c.body, "ports") {
			for _, n := range portentry.Published(p) {
				if !slices.Contains(m.spec.Ports, n) {
					m.report(r, c.at.Join("ports", i), m.hostPorts.portSpot(c.at, p.(map[string]any)), fmt.Sprintf("host port %d is not in Ports", n),
						Fix{Field: "Ports", Key: strconv.Itoa(n), Does: "expects it, too"})
				}
			}
		}
	}
}

// freePorts gives up the host ports that the file fixes.
func (m *ports) freePorts(r *rule) {
	for _, c := range m.containers() {
		if c.body["network_mode"] == "host" {
			continue // the engine ignores ports then; see host-network
		}
		m.freeThose(r, c, freeing{
			anyway: "the one that the engine chooses anyway", stays: portentry.IsUsable, key: portentry.Key,
			renew: func(port, fresh map[string]any, ch *change) string { return m.renew(r, c, port, fresh, ch) },
		})
	}
}

// A freeing is how the fixed ports of a container are given up: what is not the same in a
// project and in a stack.
type freeing struct {
	anyway string              // what a port without a number is called
	stays  func(port any) bool // whether one without a number is left as it is
	key    func(port any) string

	// renew makes of an entry that has no number any more what takes its place, and says
	// what becomes of it.
	renew func(port, fresh map[string]any, ch *change) (becomes string)
}

// freeThose gives up the fixed ports of a container. Two host ports on one port of the
// container would become twice the same entry, of which Docker drops one: it goes by name
// here, so that both old numbers lead to the new one.
func (m *ports) freeThose(r *rule, c container, f freeing) {
	ports := modeltree.List(c.body, "ports")
	taken := map[string]string{}
	for _, p := range ports {
		if len(portentry.Published(p)) == 0 && f.stays(p) {
			taken[f.key(p)] = f.anyway
		}
	}
	for i, p := range ports {
		all := portentry.Published(p)
		port, isPort := p.(map[string]any)
		if len(all) == 0 || !isPort {
			continue
		}
		at, from := c.at.Join("ports", i), m.hostPorts.portSpot(c.at, port)
		if m.hostPorts.keptPort(all) {
			m.report(r, at, from, fmt.Sprintf("host port %s is kept, as asked", portentry.Numbers(all)))
			continue
		}
		old := fmt.Sprint(port["published"]) + portentry.Suffix(port)
		fresh := maps.Clone(port)
		delete(fresh, "published")
		ch := change{at: at, value: fresh, from: from, one: old, what: "host port " + old}
		becomes := f.renew(port, fresh, &ch)
		if other, ok := taken[f.key(fresh)]; ok {
			ch.drop, ch.value = true, nil
			ch.what += " → " + other
			ch.reason = "both lead to port " + portentry.Target(port) + " of the container, and two copies can share neither"
		} else {
			taken[f.key(fresh)] = "the new port of " + old
			ch.what += becomes
		}
		m.edit(r, ch)
	}
}

// renew has the engine choose the number, on an address that every machine has, or leases it.
func (m *ports) renew(r *rule, c container, port, fresh map[string]any, ch *change) (becomes string) {
	fresh["host_ip"] = m.hostPorts.addressFor(c, port)
	to, reason := "chosen by the engine", r.reason
	if n, why := m.leaseReason(c, port); why != "" {
		fresh["published"], ch.treatment = m.leasing.leasePort(c.name, n, portentry.Protocol(port), fresh["host_ip"].(string)), Lease
		to, reason = "leased", r.reason+", and "+why
		ch.reason = reason
	}
	four, six := m.networks.families(c)
	switch ip := modeltree.Str(port, "host_ip"); {
	case ip == "" && six && !four:
		ch.reason = reason + ", and its networks have no IPv4"
		return fmt.Sprintf(" → %s, on %s", to, fresh["host_ip"])
	case ip == "" || ip == fresh["host_ip"]:
		return " → " + to
	case portentry.IsUsable(port):
		ch.reason = reason + ", and a port of a test has no business on the network"
		return fmt.Sprintf(" on %s → %s, on %s", ip, to, fresh["host_ip"])
	default:
		ch.reason = reason + ", and the address belongs to one machine"
		return fmt.Sprintf(" on %s → %s, on %s", ip, to, fresh["host_ip"])
	}
}

// leaseReason tells whether the number must be known before the start, or the
// same for two protocols, and why. A range is left to the engine.
func (m *ports) leaseReason(c container, port map[string]any) (n int, why string) {
	all := portentry.Published(port)
	if m.in.overrideOnly || len(all) != 1 || m.hostPorts.scaled(c) {
		return 0, ""
	}
	n = all[0]
	if why := m.refs.references().why[portOf{c.name, n}]; why != "" {
		return n, why
	}
	if m.spec.StablePorts {
		return n, "restarts must not change it"
	}
	if all := m.hostPorts.protocolsOf(c)[n]; len(all) > 1 {
		return n, "clients expect one number for " + strings.Join(all, " and ")
	}
	return 0, ""
}

// freeAddresses rewrites addresses of one machine where the file leaves the
// number to the engine.
func (m *ports) freeAddresses(r *rule) {
	for _, c := range m.containers() {
		taken := map[string]bool{}
		for _, p := range modeltree.List(c.body, "ports") {
			if _, ok := p.(map[string]any); ok && portentry.IsUsable(p) {
				taken[portentry.Key(p)] = true
			}
		}
		for i, p := range modeltree.List(c.body, "ports") {
			port, ok := p.(map[string]any)
			if !ok || portentry.IsUsable(p) || port["published"] != nil && port["published"] != "" && fmt.Sprint(port["published"]) != "0" {
				continue
			}
			fresh := maps.Clone(port)
			fresh["host_ip"] = m.hostPorts.addressFor(c, port)
			ch := change{
				at: c.at.Join("ports", i), value: fresh, from: m.hostPorts.portSpot(c.at, port),
				what: fmt.Sprintf("port %s on %s → on %s", portentry.Target(p), port["host_ip"], fresh["host_ip"]),
			}
			if key := portentry.Key(fresh); taken[key] { // Compose would drop one of the two
				ch.drop, ch.value = true, nil
				ch.reason = r.reason + ", and there it is published already"
			} else {
				taken[key] = true
			}
			m.edit(r, ch)
		}
	}
}

// twoProtocols reports each pair of entries once, by its first number, where
// there are no leases, or none for a service of several containers.
func (m *ports) twoProtocols(r *rule) {
	for _, c := range m.containers() {
		if !m.in.overrideOnly && !m.hostPorts.scaled(c) {
			continue
		}
		first := map[int]string{}
		ports, _ := modeltree.Lookup(m.orig, c.at.Join("ports"))
		entries, _ := ports.([]any)
		reported := spot{}
		for i, p := range entries {
			from := m.hostPorts.portSpot(c.at, p.(map[string]any))
			for _, n := range portentry.Published(p) {
				switch a, b := first[n], portentry.Protocol(p); {
				case a == "":
					first[n] = b
				case a != b && from != reported:
					m.report(r, c.at.Join("ports", i), from, fmt.Sprintf("%d is published for %s and for %s", n, a, b))
					reported = from
				}
			}
		}
	}
}

// checkPublished reports services to publish ports of that are none of those there are.
func (m *ports) checkPublished(there []string) {
	check := func(field string, services []string) {
		for _, service := range services {
			if !slices.Contains(there, service) {
				m.reportSpec(field, fmt.Sprintf("%s has service %q, which is not in the files", field, service), "the files have "+strings.Join(there, ", "))
			}
		}
	}
	check("Publish", slices.Sorted(maps.Keys(m.spec.Publish)))
	check("PublishOther", slices.Sorted(maps.Keys(m.spec.PublishOther)))
}
