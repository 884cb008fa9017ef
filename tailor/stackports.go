// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/cli/cli/compose/loader"
	composetypes "github.com/docker/cli/cli/compose/types"
)

var stackPortRules = []stackRule{
	{rule{
		name:      "merged-ports",
		treatment: Restore,
		severity:  Warning,
		reason:    "docker stack deploy drops ports when it merges files: all but one that have the same published number, or none",
	}, restorePorts},
	{rule{
		name:      "fixed-port",
		treatment: Free,
		severity:  Refuse,
		reason:    "two copies cannot share it",
	}, freeStackPorts},
	{rule{
		name:     "host-ip",
		severity: Note,
		reason:   "docker stack deploy ignores the address, and the port is open on all of them",
	}, stackAddresses},
}

// Restore puts back what docker itself loses.
const Restore Treatment = "restore"

// restorePorts brings back the ports that get lost when files are merged: docker
// keeps one port for each published number, and those without a number have 0.
func restorePorts(m *stackModel, r *rule) {
	if len(m.dicts) < 2 {
		return
	}
	full := map[string][]any{}
	for _, dict := range m.dicts {
		tree, err := loadStack(m.in.dir, m.in.env, dict)
		if err != nil { // what can't stand alone
			return
		}
		for name, s := range mapping(tree, "services") {
			full[name] = mergePorts(full[name], list(s, "ports"))
		}
	}
	for _, c := range m.containers() {
		got := list(c.body, "ports")
		var lost []any
		for _, p := range full[c.name] {
			if !slices.ContainsFunc(got, func(g any) bool { return len(diff(nil, p, g)) == 0 }) {
				lost = append(lost, p)
			}
		}
		for _, p := range lost {
			got = append(slices.Clone(got), p)
			port := p.(map[string]any)
			what := "port " + targetOf(p)
			if n := publishedOf(p); len(n) > 0 {
				what = fmt.Sprintf("host port %d%s", n[0], suffix(p))
			}
			from := m.stackPortSpot(c.at, port)
			m.edit(r, change{at: c.at.join("ports"), value: got, from: from, what: what + " → kept"})
			warning := *r
			warning.reason += "; the copy has it, but what is deployed from these files by hand has not"
			warning.hint = "give the service's ports in the last file, all of them"
			m.report(&warning, c.at.join("ports", len(got)-1), from, what+" gets lost")
		}
	}
}

// mergePorts puts the ports of a later file over those of the earlier ones: the
// same number of the same protocol is the later one's.
func mergePorts(base, over []any) []any {
	same := func(a, b any) bool {
		if len(publishedOf(a)) > 0 || len(publishedOf(b)) > 0 {
			return slices.Equal(publishedOf(a), publishedOf(b)) && protocolOf(a) == protocolOf(b)
		}
		return stackPortKey(a) == stackPortKey(b)
	}
	all := slices.Clone(base)
	all = slices.DeleteFunc(all, func(b any) bool {
		return slices.ContainsFunc(over, func(o any) bool { return same(b, o) })
	})
	return append(all, over...)
}

// freeStackPorts gives up the published ports that the files fix, and leases
// those that have to be known: because the files mention them, or both protocols
// need the same number.
func freeStackPorts(m *stackModel, r *rule) {
	known := m.mentionedPorts()
	var fixed []int
	for _, c := range m.containers() {
		variables := map[int]string{}
		both := twoProtocolsOf(list(c.body, "ports"))
		taken := map[string]string{}
		ports := list(c.body, "ports")
		for _, p := range ports {
			if len(publishedOf(p)) == 0 {
				taken[stackPortKey(p)] = "the one that the swarm chooses anyway"
			}
		}
		for i, p := range ports {
			port, ok := p.(map[string]any)
			if !ok || len(publishedOf(p)) == 0 {
				continue
			}
			n := publishedOf(p)[0]
			fixed = append(fixed, n)
			ch := change{at: c.at.join("ports", i), value: maps.Clone(port), from: m.stackPortSpot(c.at, port), one: fmt.Sprint(n) + suffix(p)}
			ch.what = "host port " + ch.one
			switch {
			case slices.Contains(m.stack.KeepPorts, n):
				keep := rule{name: r.name, severity: Warning, reason: "two copies cannot run at once", hint: "it is in KeepPorts"}
				m.report(&keep, ch.at, ch.from, ch.what+" is kept")
			case known[n] || m.stack.StablePorts || both[n]:
				m.leasePort(r, c, ch, n, protocolOf(p), variables)
			default:
				m.freeStackPort(r, ch, port, taken)
			}
		}
	}
	m.checkPorts(r, fixed)
	m.rewritePortReferences()
}

func (m *stackModel) freeStackPort(r *rule, ch change, port map[string]any, taken map[string]string) {
	fresh := ch.value.(map[string]any)
	delete(fresh, "published")
	key := stackPortKey(fresh)
	if other, ok := taken[key]; ok {
		ch.drop, ch.value = true, nil
		ch.what += " → " + other
		ch.reason = "both lead to port " + targetOf(port) + " of the container, and two copies can share neither"
		m.edit(r, ch)
		return
	}
	taken[key] = "the new port of " + ch.one
	ch.what += " → chosen by the swarm"
	if port["mode"] == "host" {
		ch.what = strings.Replace(ch.what, "the swarm", "the engine of each task", 1)
		ch.reason = "two copies cannot share it: the tasks of one would stay pending"
	}
	m.edit(r, ch)
}

// leasePort gives a port a number that is found before the stack is deployed: the
// same for both protocols.
func (m *stackModel) leasePort(r *rule, c container, ch change, n int, protocol string, variables map[int]string) {
	name := variables[n]
	if name == "" {
		name = m.variable(strconv.Itoa(40001+len(m.out.Leases)), "PORT", c.name, strconv.Itoa(n))
		variables[n] = name
		m.out.Leases = append(m.out.Leases, StackLease{Variable: name, Service: c.name, Published: n})
	}
	for i := range m.out.Leases {
		if l := &m.out.Leases[i]; l.Variable == name && !slices.Contains(l.Protocols, protocol) {
			l.Protocols = append(l.Protocols, protocol)
		}
	}
	ch.value.(map[string]any)["published"] = placeholder(name)
	ch.what += fmt.Sprintf(" → leased as ${%s}", name)
	ch.treatment = Lease
	m.edit(r, ch)
}

// Lease gives something a value of its own that is found before the start.
const Lease Treatment = "lease"

// checkPorts compares what the files fix with what the spec says about it.
func (m *stackModel) checkPorts(r *rule, fixed []int) {
	slices.Sort(fixed)
	fixed = slices.Compact(fixed)
	hint := "the files publish no port"
	if len(fixed) > 0 {
		hint = "the files publish " + strings.Trim(fmt.Sprint(fixed), "[]")
	}
	say := func(field string, n int, what string) {
		m.plan.Findings = append(m.plan.Findings, Finding{
			Rule: r.name, Severity: Refuse, Place: Place{Path: field}, What: fmt.Sprintf("%s: %d %s", field, n, what), Hint: hint,
		})
	}
	for _, n := range m.stack.KeepPorts {
		if !slices.Contains(fixed, n) {
			say("KeepPorts", n, "is none of the files' ports")
		}
	}
	if len(m.stack.Ports) == 0 {
		return
	}
	for _, n := range m.stack.Ports {
		if !slices.Contains(fixed, n) {
			say("Ports", n, "is none of the files' ports")
		}
	}
	for _, n := range fixed {
		if !slices.Contains(m.stack.Ports, n) {
			say("Ports", n, "is published as well")
		}
	}
}

// twoProtocolsOf returns the numbers that are published in several protocols.
func twoProtocolsOf(ports []any) map[int]bool {
	first, both := map[int]string{}, map[int]bool{}
	for _, p := range ports {
		for _, n := range publishedOf(p) {
			if first[n] != "" && first[n] != protocolOf(p) {
				both[n] = true
			}
			first[n] = protocolOf(p)
		}
	}
	return both
}

// stackAddresses reports addresses that docker stack deploy ignores. They are in
// the files, but not in the model.
func stackAddresses(m *stackModel, r *rule) {
	for _, c := range m.containers() {
		at := c.at.join("ports")
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

// stackPortSpot finds where a port was written, also if that was as part of a
// range.
func (m *stackModel) stackPortSpot(at path, port map[string]any) spot {
	at = at.join("ports")
	spots := m.portSpots[at.String()]
	if spots == nil {
		spots = map[string]spot{}
		m.src.eachItem(at, "published", func(item any, from spot) {
			for _, key := range stackPortKeys(item) {
				if _, ok := spots[key]; !ok {
					spots[key] = from
				}
			}
		})
		m.portSpots[at.String()] = spots
	}
	if from, ok := spots[stackPortKey(port)]; ok {
		return from
	}
	return m.src.find(at)
}

// stackPortKeys returns the keys of all the entries that an item of the file
// stands for.
func stackPortKeys(item any) (keys []string) {
	if long, ok := item.(map[string]any); ok {
		return []string{stackPortKey(long)}
	}
	defer func() { _ = recover() }() // docker's own code, on what it may refuse
	var ports []composetypes.ServicePortConfig
	if err := loader.Transform([]any{fmt.Sprint(item)}, &ports); err != nil {
		return nil
	}
	for _, p := range ports {
		entry := map[string]any{"target": p.Target, "protocol": p.Protocol, "mode": p.Mode}
		if p.Published != 0 {
			entry["published"] = p.Published
		}
		keys = append(keys, stackPortKey(entry))
	}
	return keys
}

// stackPortKey is what two entries may not both be. What the long form leaves
// out is what the short one means.
func stackPortKey(p any) string {
	m, _ := p.(map[string]any)
	published := ""
	if v := m["published"]; v != nil && fmt.Sprint(v) != "0" {
		published = fmt.Sprint(v)
	}
	mode := str(m, "mode")
	if mode == "" {
		mode = "ingress"
	}
	return fmt.Sprintf("%s:%v/%s %s", published, m["target"], protocolOf(p), mode)
}
