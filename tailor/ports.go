// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"net/netip"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

const loopback = "127.0.0.1"

var portRules = []rule{{
	name:      "fixed-port",
	treatment: Free,
	reason:    "two copies cannot share it",
	apply:     freePorts,
}, {
	name:      "host-ip",
	treatment: Free,
	reason:    "the address belongs to one machine",
	apply:     freeAddresses,
}, {
	name:     "port-protocols",
	severity: Warning,
	reason:   "the engine chooses a number for each protocol, so a client that expects one number for both finds the wrong port",
	hint:     "inside the project both have the old number; docker port tells the two that the engine chose",
	apply:    twoProtocols,
}}

// freePorts gives up the host ports that the file fixes. Two host ports on one
// port of the container would become twice the same entry, of which Compose
// drops one: it goes by name here, so that both old numbers lead to the new one.
func freePorts(m *model, r *rule) {
	for _, c := range m.containers() {
		if c.body["network_mode"] == "host" {
			continue // the engine ignores ports then; see host-network
		}
		ports := list(c.body, "ports")
		taken := map[string]string{}
		for _, p := range ports {
			if len(publishedOf(p)) == 0 && usableAddress(p) {
				taken[portKey(p)] = "the one that the engine chooses anyway"
			}
		}
		for i, p := range ports {
			if len(publishedOf(p)) > 0 {
				freePort(m, r, c, i, p.(map[string]any), taken)
			}
		}
	}
}

func freePort(m *model, r *rule, c container, i int, port map[string]any, taken map[string]string) {
	old := fmt.Sprint(port["published"]) + suffix(port)
	fresh := maps.Clone(port)
	delete(fresh, "published")
	fresh["host_ip"] = m.addressFor(port)
	ch := change{at: c.at.join("ports", i), value: fresh, from: m.portSpot(c.at, port), one: old, what: "host port " + old}
	key := portKey(fresh)
	if other, ok := taken[key]; ok {
		ch.drop, ch.value = true, nil
		ch.what += " → " + other
		ch.reason = "both lead to port " + targetOf(port) + " of the container, and two copies can share neither"
		m.edit(r, ch)
		return
	}
	taken[key] = "the new port of " + old
	switch ip := str(port, "host_ip"); {
	case ip == "" || ip == fresh["host_ip"]:
		ch.what += " → chosen by the engine"
	case usableAddress(port):
		ch.what += fmt.Sprintf(" on %s → chosen by the engine on %s", ip, fresh["host_ip"])
		ch.reason = r.reason + ", and a port of a test has no business on the network"
	default:
		ch.what += fmt.Sprintf(" on %s → chosen by the engine on %s", ip, fresh["host_ip"])
		ch.reason = r.reason + ", and the address belongs to one machine"
	}
	m.edit(r, ch)
}

// freeAddresses rewrites addresses of one machine where the file leaves the
// number to the engine.
func freeAddresses(m *model, r *rule) {
	for _, c := range m.containers() {
		for i, p := range list(c.body, "ports") {
			port, ok := p.(map[string]any)
			if !ok || usableAddress(p) || len(publishedOf(p)) > 0 {
				continue
			}
			fresh := maps.Clone(port)
			fresh["host_ip"] = m.addressFor(port)
			m.edit(r, change{
				at: c.at.join("ports", i), value: fresh, from: m.portSpot(c.at, port),
				what: fmt.Sprintf("port %s on %s → on %s", targetOf(p), port["host_ip"], fresh["host_ip"]),
			})
		}
	}
}

// twoProtocols reports each pair of entries once, by its first number.
func twoProtocols(m *model, r *rule) {
	for _, c := range m.containers() {
		first := map[int]string{}
		ports, _ := lookup(m.orig, c.at.join("ports"))
		entries, _ := ports.([]any)
		reported := spot{}
		for i, p := range entries {
			from := m.portSpot(c.at, p.(map[string]any))
			for _, n := range publishedOf(p) {
				switch a, b := first[n], protocolOf(p); {
				case a == "":
					first[n] = b
				case a != b && from != reported:
					m.report(r, c.at.join("ports", i), from, fmt.Sprintf("%d is published for %s and for %s", n, a, b))
					reported = from
				}
			}
		}
	}
}

// portSpot finds where a port was written, also if that was as part of a range.
func (m *model) portSpot(at path, port map[string]any) spot {
	at = at.join("ports")
	spots := m.portSpots[at.String()]
	if spots == nil {
		spots = map[string]spot{}
		m.src.eachItem(at, "published", func(item any, from spot) {
			for _, key := range portKeys(item) {
				if _, ok := spots[key]; !ok {
					spots[key] = from
				}
			}
		})
		m.portSpots[at.String()] = spots
	}
	if from, ok := spots[portKey(port)]; ok {
		return from
	}
	return m.src.find(at)
}

// portKeys returns the keys of all the entries that an item of the file
// stands for.
func portKeys(item any) []string {
	if long, ok := item.(map[string]any); ok {
		return []string{portKey(clone(long))}
	}
	short, err := types.ParsePortConfig(fmt.Sprint(item))
	if err != nil {
		return nil
	}
	keys := make([]string, len(short))
	for i, p := range short {
		entry := map[string]any{"target": int(p.Target), "protocol": p.Protocol, "host_ip": p.HostIP}
		if p.Published != "" {
			entry["published"] = p.Published
		}
		keys[i] = portKey(entry)
	}
	return keys
}

// portKey is what Compose takes two entries to be the same by.
func portKey(p any) string {
	m, _ := p.(map[string]any)
	host := str(m, "host_ip")
	if host == "" {
		host = "0.0.0.0"
	}
	published := ""
	if v := m["published"]; v != nil {
		published = fmt.Sprint(v)
	}
	return fmt.Sprintf("%s:%s:%v/%s", host, published, m["target"], protocolOf(p))
}

// publishedOf returns the host ports of an entry: none if the engine chooses.
func publishedOf(p any) []int {
	m, _ := p.(map[string]any)
	if m["published"] == nil {
		return nil
	}
	from, to, isRange := strings.Cut(fmt.Sprint(m["published"]), "-")
	first, err := strconv.Atoi(from)
	if err != nil || first == 0 {
		return nil
	}
	last := first
	if isRange {
		if last, err = strconv.Atoi(to); err != nil || last-first > 1<<16 {
			last = first
		}
	}
	var all []int
	for n := first; n <= last; n++ {
		all = append(all, n)
	}
	return all
}

func protocolOf(p any) string {
	if proto := str(p, "protocol"); proto != "" {
		return strings.ToLower(proto)
	}
	return "tcp"
}

func targetOf(p any) string {
	m, _ := p.(map[string]any)
	return fmt.Sprint(m["target"]) + suffix(p)
}

func suffix(p any) string {
	if proto := protocolOf(p); proto != "tcp" {
		return "/" + proto
	}
	return ""
}

// usableAddress tells whether any machine can bind the port.
func usableAddress(p any) bool {
	ip, err := netip.ParseAddr(str(p, "host_ip"))
	return err != nil || ip.IsLoopback() || ip.IsUnspecified()
}

// addressFor keeps a loopback address, if that is where ports are published.
// Everything else becomes the one where they are: 127.0.0.1, as a port of a test
// has no business on the network, or what the caller says.
func (m *model) addressFor(p any) string {
	if m.in.hostIP != "" {
		return m.in.hostIP
	}
	if ip, err := netip.ParseAddr(str(p, "host_ip")); err == nil && ip.IsLoopback() {
		return str(p, "host_ip")
	}
	return loopback
}
