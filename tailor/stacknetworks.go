// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

var stackNetworkRules = []stackRule{
	{rule{
		name:      "external-network",
		treatment: Substitute,
		severity:  Refuse,
		reason:    "every copy would join it, and the services of one would answer the other",
	}, externalStackNetworks},
	{rule{
		name:      "subnet",
		treatment: Free,
		reason:    "the engine refuses a second network with the same addresses",
	}, freeSubnets},
	{rule{
		name:     "fixed-address",
		severity: Note,
		reason:   "a swarm ignores it",
	}, func(m *stackModel, r *rule) { fixedAddresses(m.model, r) }},
	{rule{
		name:     "network-driver",
		severity: Warning,
		reason:   "the tasks of a swarm need an overlay network to find each other",
	}, otherDrivers},
	fromCompose(networkRules, "host-interface"),
}

// Names of networks that are in every engine.
var builtinNetworks = []string{"host", "bridge", "none"}

// externalStackNetworks does with external networks what the spec says.
func externalStackNetworks(m *stackModel, r *rule) {
	wanted := decisionsOf(m, "Networks", m.stack.Networks)
	for _, n := range m.resources("networks") {
		if !truth(n.body, "external") {
			continue
		}
		name := str(n.body, "name")
		value, decided := wanted.of(n.name, name)
		builtin := slices.Contains(builtinNetworks, name)
		switch {
		case builtin && !decided && (name != "host" || slices.Contains(m.stack.Allow, "host-network")):
			m.noteShared(r, n, "network", name)
		case !decided && (!m.stack.Isolate || builtin):
			m.refuseNetwork(r, n, name)
		case value == name:
			m.noteShared(r, n, "network", name)
		case value == "":
			m.createNetwork(r, n, name)
		default:
			m.edit(r, change{at: n.at.join("name"), value: value, what: fmt.Sprintf("network %q → %q", name, value), reason: "the test says so"})
			m.followNetworkTo(r, name, value)
		}
	}
	wanted.unused(r, "the files have no such external network")
}

func (m *stackModel) refuseNetwork(r *rule, n container, name string) {
	refuse := *r
	switch name {
	case "host":
		refuse.name = "host-network"
		refuse.reason = "copies listen on the same ports of the machine"
		refuse.hint = `{"host": ""} in Networks makes a network for each copy, and "host-network" in Allow lets it through`
	default:
		refuse.hint = fmt.Sprintf(`say it in Networks: {%q: ""} makes one for each copy, {%q: NAME} takes another one of the test, {%q: %q} shares it`, name, name, name, name)
	}
	m.report(&refuse, n.at, m.src.find(n.at.join("external")), fmt.Sprintf("network %q is external", name))
}

// noteShared tells what copies share because the spec says so.
func (m *stackModel) noteShared(r *rule, n container, what, name string) {
	note := rule{name: r.name, severity: Note, reason: "all copies share it"}
	m.report(&note, n.at, m.src.find(n.at.join("external")), fmt.Sprintf("%s %q is shared", what, name))
}

func (m *stackModel) createNetwork(r *rule, n container, name string) {
	from := m.src.find(n.at.join("external"))
	value := map[string]any{"driver": "overlay", "attachable": true}
	if labels := mapping(n.body, "labels"); labels != nil {
		value["labels"] = labels
	}
	m.edit(r, change{
		at: n.at, value: value, from: from, treatment: Scope,
		what: fmt.Sprintf("external network %q → one of the stack's own", name),
	})
	m.followNetwork(r, name, n.name)
}

// followNetworkTo adapts labels to a network of a given name.
func (m *stackModel) followNetworkTo(r *rule, old, fresh string) {
	for _, c := range m.containers() {
		for _, at := range []path{c.at.join("labels"), c.at.join("deploy", "labels")} {
			labels, _ := m.get(at).(map[string]any)
			for _, k := range slices.Sorted(maps.Keys(labels)) {
				if strings.HasSuffix(k, ".network") && labels[k] == old {
					m.followLabel(r, at.join(k), fresh, k, old)
				}
			}
		}
	}
}

// freeSubnets lets the engine choose addresses: in a swarm no service has a fixed
// one.
func freeSubnets(m *stackModel, r *rule) {
	for _, n := range m.resources("networks") {
		var subnets []string
		for _, cfg := range list(mapping(n.body, "ipam"), "config") {
			if subnet := str(cfg, "subnet"); subnet != "" {
				subnets = append(subnets, subnet)
			}
		}
		if len(subnets) > 0 {
			at := n.at.join("ipam", "config")
			if len(mapping(n.body, "ipam")) == 1 {
				at = n.at.join("ipam")
			}
			m.edit(r, change{
				at: at, drop: true, from: m.src.find(n.at.join("ipam", "config", 0, "subnet")),
				what: fmt.Sprintf("subnet %s → chosen by the engine", strings.Join(subnets, ", ")),
			})
		}
	}
}

func otherDrivers(m *stackModel, r *rule) {
	for _, n := range m.resources("networks") {
		if driver := str(n.body, "driver"); driver != "" && driver != "overlay" {
			m.report(r, n.at.join("driver"), spot{}, "driver "+driver)
		}
	}
}
