// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"

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
			files:   "`network_mode: host`, the external network `host`",
			becomes: "refused; `Lock`, `Networks: map[string]string{\"host\": \"\"}`, `Allow`",
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
			m.edit(r, change{at: at, drop: true, what: "the machine's network → the project's", reason: "as asked"})
			continue
		}
		m.refuse(r, at, spot{}, "", "it uses the network of the machine",
			Fix{Field: "Networks", Key: "host", Does: "puts it into the project's network and publishes its ports, if it works there"})
	}
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
		reason := "as asked"
		if !ok && m.spec.Isolate {
			ok, reason = true, r.reason
		}
		switch {
		case !ok:
			m.report(r, at, spot{}, what,
				Fix{Field: "Networks", Key: name, Does: own},
				Fix{Field: "Networks", Key: name, Value: name, Does: "shares it"},
				Fix{Field: "Networks", Key: name, Value: "NAME", Does: "takes another one that is there"}, isolate)
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
