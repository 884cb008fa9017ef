// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"strings"
)

var networkRules = []rule{{
	name:      "network-name",
	treatment: Scope,
	reason:    "copies that share a network resolve each other's services",
	apply:     scopeNetworks,
}, {
	name:     "external-network",
	severity: Refuse,
	reason:   "every copy would join it, and the services of one would answer the other",
	apply:    externalNetworks,
}, {
	name:     "host-network",
	severity: Warning,
	reason:   "copies listen on the same ports of the machine",
	hint:     "a file of your own, given last, brings the service back into the project with `network_mode: !reset null` and the ports it needs",
	apply:    hostNetwork,
}, {
	name:     "subnet",
	severity: Warning,
	reason:   "the engine refuses a second network with the same addresses",
	hint:     "where no service has a fixed address, a file of your own, given last, lets the engine choose with `ipam: !reset null`",
	apply:    subnets,
}, {
	name:     "fixed-address",
	severity: Warning,
	reason:   "it holds only in a network with the file's own subnet, which two copies cannot have",
	apply:    fixedAddresses,
}, {
	name:     "network-driver",
	severity: Warning,
	reason:   "it needs an engine in swarm mode",
	hint:     "a file of your own, given last, can leave it out: `driver: !reset null`",
	apply:    overlays,
}, {
	name:     "host-interface",
	severity: Warning,
	reason:   "it is one interface of the machine, which copies would share",
	apply:    hostInterfaces,
}}

func scopeNetworks(m *model, r *rule) {
	for _, n := range m.resources("networks") {
		name := str(n.body, "name")
		if name == "" || truth(n.body, "external") || strings.Contains(name, projectName) {
			continue
		}
		m.edit(r, change{at: n.at.join("name"), drop: true, what: fmt.Sprintf("name %q → the project's own", name)})
		m.followNetwork(r, name, n.name)
	}
}

// followNetwork adapts labels that tell a proxy which network to use:
// traefik.docker.network and its like.
func (m *model) followNetwork(r *rule, name, key string) {
	fresh := m.name + "_" + key
	for _, c := range m.containers() {
		for _, at := range []path{c.at.join("labels"), c.at.join("deploy", "labels")} {
			switch labels := m.get(at).(type) {
			case map[string]any:
				for k, v := range labels {
					if strings.HasSuffix(k, ".network") && v == name {
						m.followLabel(r, at.join(k), fresh, k, name)
					}
				}
			case []any:
				for i, e := range labels {
					k, v, _ := strings.Cut(fmt.Sprint(e), "=")
					if strings.HasSuffix(k, ".network") && v == name {
						m.followLabel(r, at.join(i), k+"="+fresh, k, name)
					}
				}
			}
		}
	}
}

func (m *model) followLabel(r *rule, at path, value, key, name string) {
	m.edit(r, change{
		at: at, value: value, treatment: Follow,
		what:   fmt.Sprintf("label %s: network %q → %s", key, name, strings.TrimPrefix(value, key+"=")),
		reason: "the network has another name in each copy",
	})
}

func externalNetworks(m *model, r *rule) {
	for _, n := range m.resources("networks") {
		if !truth(n.body, "external") {
			continue
		}
		name := str(n.body, "name")
		if name == "" {
			name = n.name
		}
		external := *r
		external.hint = fmt.Sprintf("decide whether it is created for each copy, mapped to a network of the test, or shared; a file of your own, given last, creates it: {networks: {%s: {external: !reset null, name: !reset null}}}", yamlKey(n.name))
		m.report(&external, n.at, m.src.find(n.at.join("external")), fmt.Sprintf("network %q is external", name))
	}
}

func hostNetwork(m *model, r *rule) {
	for _, c := range m.containers() {
		if c.body["network_mode"] == "host" {
			m.report(r, c.at.join("network_mode"), spot{}, "it uses the network of the machine")
		}
	}
}

func subnets(m *model, r *rule) {
	for _, n := range m.resources("networks") {
		for i, cfg := range list(mapping(n.body, "ipam"), "config") {
			if subnet := str(cfg, "subnet"); subnet != "" {
				m.report(r, n.at.join("ipam", "config", i, "subnet"), spot{}, "subnet "+subnet)
			}
		}
	}
}

func fixedAddresses(m *model, r *rule) {
	for _, c := range m.containers() {
		for _, network := range c.networks() {
			for _, key := range []string{"ipv4_address", "ipv6_address"} {
				at := c.at.join("networks", network, key)
				if ip, ok := m.get(at).(string); ok && ip != "" {
					m.report(r, at, spot{}, fmt.Sprintf("address %s on network %s", ip, network))
				}
			}
		}
	}
}

func hostInterfaces(m *model, r *rule) {
	for _, n := range m.resources("networks") {
		opts := mapping(n.body, "driver_opts")
		for _, key := range []string{"parent", "com.docker.network.bridge.name"} {
			if v := opts[key]; v != nil {
				m.report(r, n.at.join("driver_opts", key), spot{}, fmt.Sprintf("%s: %v", key, v))
			}
		}
	}
}

func overlays(m *model, r *rule) {
	for _, n := range m.resources("networks") {
		if str(n.body, "driver") == "overlay" {
			m.report(r, n.at.join("driver"), spot{}, "driver overlay")
		}
	}
}
