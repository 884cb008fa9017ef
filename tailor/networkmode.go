// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// What network_mode says comes before ports, since they count again once a
// service has left the machine's own network.
func (m *networks) hostNetworkRules() []rule {
	return []rule{{
		name:      "host-network",
		treatment: Scope,
		severity:  Refuse,
		lockable:  true,
		reason:    "copies listen on the same ports of the machine",
		doc: row{
			files: "`network_mode: host`, the external network `host`",
			becomes: "refused; `Lock`, `Networks: {\"host\": \"\"}`, `Allow`. With `Isolate` a service has the project's network instead, with a warning, " +
				"if no other one is on the machine's network or publishes a port, which it could mean by `localhost`",
		},
		apply: m.hostNetwork,
	}, {
		name:      "external-network",
		treatment: Scope,
		severity:  Refuse,
		reason:    "every copy would join it, and the services of one would answer the other",
		apply:     m.namedNetworks,
	}}
}

func (m *networks) hostNetwork(r *rule) {
	for _, c := range m.containers() {
		if c.body["network_mode"] != "host" {
			continue
		}
		at := c.at.Join("network_mode")
		if to, ok := m.choice("Networks", m.spec.Networks, "host"); ok && to == "" {
			m.edit(r, change{at: at, drop: true, what: "the machine's network → the project's", reason: "the test says so"})
			continue
		}
		ways := []Fix{{Field: "Networks", Key: "host", Does: "puts it into the project's network and publishes its ports, if it works there"}}
		if m.needsNoHost(c) {
			ways = append(ways, isolate)
			if m.spec.Isolate && !m.listed("Allow", m.spec.Allow, r.name) && !m.listed("Lock", m.spec.Lock, r.name) {
				m.edit(r, change{at: at, drop: true, what: "the machine's network → the project's", reason: r.reason})
				m.reportLeftHost(r, at)
				continue
			}
		}
		m.refuse(r, at, spot{}, "", "it uses the network of the machine", ways...)
	}
}

// needsNoHost tells whether a service on the network of the machine has nothing of the
// files to find there: another service like it, or a port that one publishes. What it
// finds of the machine itself is not for copies.
func (m *networks) needsNoHost(c container) bool {
	return !slices.ContainsFunc(m.containers(), func(other container) bool {
		return other.at.String() != c.at.String() && (m.onHost(other) || m.publishes(other))
	})
}

// onHost tells whether a container is on the network of the machine, as it is shipped.
func (m *networks) onHost(c container) bool {
	mode, _ := modeltree.Lookup(m.orig, c.at.Join("network_mode"))
	if mode == "host" {
		return true
	}
	section := modeltree.Mapping(m.orig, "networks")
	return slices.ContainsFunc(c.networks(), func(key string) bool {
		return modeltree.Truth(section[key], "external") && nameOf(container{name: key, body: modeltree.Mapping(section, key)}) == "host"
	})
}

func (m *networks) reportLeftHost(r *rule, at modeltree.Path) {
	found := *r
	found.severity, found.reason = Warning, "in each copy it has a network of its own, without interfaces and servers of the machine"
	m.report(&found, at, m.src.find(at), "it uses the network of the machine")
}

// leftHost tells whether a container was taken off the network of the machine.
func (m *networks) leftHost(c container) bool {
	before, _ := modeltree.Lookup(m.orig, c.at.Join("network_mode"))
	return before == "host" && c.body["network_mode"] == nil
}

// refuseHost refuses the machine's network where it is declared like another one.
func (m *networks) refuseHost(at modeltree.Path, from spot, key string) {
	host := ruleNamed(m.hostNetworkRules(), "host-network")
	m.refuse(&host, at, from, "", "it is the network of the machine",
		Fix{Field: "Networks", Key: key, Does: "makes one for each copy"})
}

// namedNetworks does what the spec says with services that network_mode puts on
// a network of the engine, past the networks of the files.
func (m *networks) namedNetworks(r *rule) {
	for _, c := range m.containers() {
		name := modeltree.Str(c.body, "network_mode")
		if !namesNetwork(name) {
			continue
		}
		at := c.at.Join("network_mode")
		what := fmt.Sprintf("network mode %q is a network of the engine", name)
		key := m.networkNamed(name)
		own := "makes one for each copy: the project's"
		if key != "" {
			what += fmt.Sprintf(", which the files call %q", key)
			own = fmt.Sprintf("joins %q, of which each copy has its own", key)
		}
		to, ok := m.choice("Networks", m.spec.Networks, name)
		reason := "the test says so"
		if !ok && m.spec.Isolate {
			ok, reason = true, r.reason
		}
		switch {
		case !ok:
			m.report(r, at, spot{}, what,
				Fix{Field: "Networks", Key: name, Does: own},
				Fix{Field: "Networks", Key: name, Value: name, Does: "shares it"},
				Fix{Field: "Networks", Key: name, Value: "NAME", Does: "takes another one, of the test"}, isolate)
		case to == "":
			from := m.src.find(at)
			if key == "" {
				key = "default"
			}
			m.edit(r, change{at: at, drop: true, from: from, what: fmt.Sprintf("network mode %q → network %s of the project", name, key), reason: reason})
			if key != "default" {
				m.edit(r, change{at: c.at.Join("networks", key), value: map[string]any{}, from: from, what: "it joins network " + key, reason: reason})
			}
		case to == name:
			shared := *r
			shared.severity, shared.reason = Note, reason
			m.report(&shared, at, spot{}, fmt.Sprintf("network %q is shared by all copies", name))
		default:
			m.edit(r, change{at: at, value: to, treatment: Substitute, what: fmt.Sprintf("network %q → %s", name, to), reason: reason})
		}
	}
}
