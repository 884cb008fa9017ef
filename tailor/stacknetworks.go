// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// swarmNetworks says what becomes of the networks of a stack.
type swarmNetworks struct {
	*document
	networks *networks
	objects  *objects
}

func (m *swarmNetworks) networkRules() []rule {
	return []rule{
		{
			name:      "external-network",
			treatment: Scope,
			severity:  Refuse,
			reason:    "every copy would join it, and the services of one would answer the other",
			apply:     m.externalStackNetworks,
		},
		{
			name:      "subnet",
			treatment: Free,
			reason:    "the engine refuses a second network with the same addresses",
			apply:     m.freeStackSubnets,
		},
		{
			name:     "fixed-address",
			severity: Note,
			reason:   "a swarm ignores it",
			apply:    m.fixedStackAddresses,
		},
		{
			name:     "network-driver",
			severity: Warning,
			reason:   "the tasks of a swarm need an overlay network to find each other",
			apply:    m.otherStackDrivers,
		},
	}
}

// externalStackNetworks makes a network of the stack's own where the spec wants that.
// Containers of the test can join it as well.
func (m *swarmNetworks) externalStackNetworks(r *rule) {
	m.networks.settleExternal(r, stackNetworks, func(n container, from spot, reason string) {
		name := nameOf(n)
		value := map[string]any{"driver": "overlay", "attachable": true}
		for _, key := range []string{"labels", "internal"} {
			if v := n.body[key]; v != nil {
				value[key] = v
			}
		}
		m.edit(r, change{at: n.at, value: value, from: from, what: fmt.Sprintf("external network %q → one of the stack's own", name), reason: reason})
		m.objects.followNetwork(r, name, m.objects.ownName(m.objects.firstOf("networks", n.name)))
	})
}

// freeStackSubnets lets the engine choose addresses: in a swarm no service has a
// fixed one.
func (m *swarmNetworks) freeStackSubnets(r *rule) {
	for _, n := range m.resources("networks") {
		var subnets []string
		for _, cfg := range modeltree.List(modeltree.Mapping(n.body, "ipam"), "config") {
			if subnet := modeltree.Str(cfg, "subnet"); subnet != "" {
				subnets = append(subnets, subnet)
			}
		}
		if len(subnets) == 0 {
			continue
		}
		at := n.at.Join("ipam", "config")
		from := m.src.find(at.Join(0, "subnet"))
		if len(modeltree.Mapping(n.body, "ipam")) == 1 {
			at = n.at.Join("ipam")
		}
		m.edit(r, change{at: at, drop: true, from: from, what: fmt.Sprintf("subnet %s → chosen by the engine", strings.Join(subnets, ", "))})
	}
}

func (m *swarmNetworks) fixedStackAddresses(r *rule) {
	for _, c := range m.containers() {
		for _, network := range modeltree.Keys(modeltree.Mapping(c.body, "networks")) {
			for _, key := range []string{"ipv4_address", "ipv6_address"} {
				at := c.at.Join("networks", network, key)
				if ip, ok := m.get(at).(string); ok && ip != "" {
					m.report(r, at, spot{}, fmt.Sprintf("address %s on network %s", ip, network))
				}
			}
		}
	}
}

func (m *swarmNetworks) otherStackDrivers(r *rule) {
	for _, n := range m.resources("networks") {
		if driver := modeltree.Str(n.body, "driver"); driver != "" && driver != "overlay" {
			m.report(r, n.at.Join("driver"), spot{}, "driver "+driver)
		}
	}
}
