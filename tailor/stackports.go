// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// stackPorts gives up, leases or keeps the published ports of a stack.
type stackPorts struct {
	*document
	*decisions
	files     *stackFiles
	hostPorts *hostPorts
	leasing   *leasing
	ports     *ports
}

func (m *stackPorts) mergedRules() []rule {
	return []rule{{
		name:      "merged-ports",
		treatment: Restore,
		severity:  Warning,
		reason:    "docker stack deploy drops ports when it merges files: all but one of those that have the same published number, or none",
		apply:     m.restorePorts,
	}}
}

func (m *stackPorts) portRules() []rule {
	return []rule{{
		name:      "fixed-port",
		treatment: Free,
		severity:  Note,
		reason:    "two copies cannot share it",
		apply:     m.freeStackPorts,
	}, {
		name:     "host-ip",
		severity: Note,
		reason:   "docker stack deploy ignores the address, and the port is open on all of them",
		apply:    m.stackAddresses,
	}, {
		name:      "publish",
		treatment: Substitute,
		reason:    "as asked",
		apply:     m.publishStackPorts,
	}}
}

// Restore puts back what docker stack deploy loses when it merges files.
const Restore Treatment = "restore"

// restorePorts brings back the ports that get lost when files are merged: docker
// keeps one port for each published number, and those without a number have 0.
func (m *stackPorts) restorePorts(r *rule) {
	m.findPorts()
	if len(m.files.dicts) < 2 {
		return
	}
	full := map[string][]any{}
	for _, dict := range m.files.dicts {
		tree, err := loadStack(m.in.dir, m.in.env, dict)
		if err != nil { // what can't stand alone
			return
		}
		for name, s := range modeltree.Mapping(tree, "services") {
			full[name] = portentry.Merge(full[name], modeltree.List(s, "ports"))
		}
	}
	for _, c := range m.containers() {
		got := modeltree.List(c.body, "ports")
		var lost []any
		for _, p := range full[c.name] {
			if !slices.ContainsFunc(got, func(g any) bool { return len(modeltree.Diff(nil, p, g)) == 0 }) {
				lost = append(lost, p)
			}
		}
		for _, p := range lost {
			got = append(slices.Clone(got), p)
			port := p.(map[string]any)
			what := "port " + portentry.Target(p)
			if n := portentry.Published(p); len(n) > 0 {
				what = fmt.Sprintf("host port %d%s", n[0], portentry.Suffix(p))
			}
			from := m.hostPorts.portSpot(c.at, port)
			m.files.ports[c.name] = modeltree.Clone(got).([]any)
			m.edit(r, change{at: c.at.Join("ports"), value: got, from: from, what: what + " → kept"})
			warning := *r
			warning.reason += "; the copy has it, but what is deployed from these files by hand has not"
			warning.hint = "give the service's ports in the last file, all of them"
			m.report(&warning, c.at.Join("ports", len(got)-1), from, what+" gets lost")
		}
	}
}

// freeStackPorts gives up the published ports that the files fix, and leases
// those that have to be known: because the files mention them, or both protocols
// need the same number.
func (m *stackPorts) freeStackPorts(r *rule) {
	for _, c := range m.containers() {
		m.ports.freeThose(r, c, freeing{
			anyway: "the one that the swarm chooses anyway", stays: func(any) bool { return true }, key: portentry.StackKey,
			renew: func(port, fresh map[string]any, ch *change) string {
				to := "chosen by the swarm"
				if port["mode"] == "host" {
					to, ch.reason = "chosen by the engine of each task", "two copies cannot share it: the tasks of one would stay pending"
				}
				if n, why := m.stackLeaseReason(c, port); why != "" {
					fresh["published"], ch.treatment = m.leasing.leasePort(c.name, n, portentry.Protocol(port), "0.0.0.0"), Lease
					to, ch.reason = "leased", r.reason+", and "+why
				}
				return " → " + to
			},
		})
	}
}

// stackLeaseReason is leaseReason, with an eye on ports that were restored.
func (m *stackPorts) stackLeaseReason(c container, port map[string]any) (n int, why string) {
	if n, why = m.ports.leaseReason(c, port); why != "" {
		return n, why
	}
	n = portentry.Published(port)[0]
	for _, other := range m.files.ports[c.name] {
		if portentry.Protocol(other) != portentry.Protocol(port) && slices.Contains(portentry.Published(other), n) {
			both := []string{portentry.Protocol(other), portentry.Protocol(port)}
			slices.Sort(both)
			return n, "clients expect one number for " + strings.Join(both, " and ")
		}
	}
	return 0, ""
}

// stackAddresses reports addresses that docker stack deploy ignores. They are in
// the files, but not in the model.
func (m *stackPorts) stackAddresses(r *rule) {
	for _, c := range m.containers() {
		at := c.at.Join("ports")
		m.src.eachItem(at, "published", func(item any, from spot) {
			text, ok := item.(string)
			if !ok || strings.Count(text, ":") < 2 {
				return
			}
			host := text[:strings.LastIndex(text, ":")]
			host = strings.Trim(host[:strings.LastIndex(host, ":")], "[]")
			if ip, err := netip.ParseAddr(host); err == nil && !ip.IsUnspecified() {
				m.report(r, at, from, fmt.Sprintf("address %s of port %s", ip, text))
			}
		})
	}
}

// findPorts notes where ports were written, in the way in which portSpot looks
// for it: a range is several ports, and addresses are lost.
func (m *stackPorts) findPorts() {
	for _, c := range m.containers() {
		at := c.at.Join("ports")
		spots := map[string]spot{}
		m.src.eachItem(at, "published", func(item any, from spot) {
			for _, entry := range portentry.OfStack(item) {
				if _, ok := spots[portentry.Key(entry)]; !ok {
					spots[portentry.Key(entry)] = from
				}
			}
		})
		m.hostPorts.portSpots[at.String()] = spots
	}
}
