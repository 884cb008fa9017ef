// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// They come after the ports of the files, which some of these may be.
var publishRules = []rule{{
	name:      "publish",
	treatment: Substitute,
	reason:    "the test says so",
	apply:     publishPorts,
}}

// publishPorts publishes ports that the files keep inside of the project.
func publishPorts(m *model, r *rule) {
	var there []string
	for _, c := range m.containers() {
		if c.at[0] != "services" {
			continue
		}
		there = append(there, c.name)
		for _, n := range m.spec.Publish[c.name] {
			m.publish(r, c, n)
		}
	}
	m.checkPublished(there)
}

// checkPublished reports services of Publish that are none of those there are.
func (m *model) checkPublished(there []string) {
	for _, service := range slices.Sorted(maps.Keys(m.spec.Publish)) {
		if !slices.Contains(there, service) {
			m.reportSpec("Publish", fmt.Sprintf("Publish has service %q, which is not in the files", service), "the files have "+strings.Join(there, ", "))
		}
	}
}

func (m *model) publish(r *rule, c container, n int) {
	switch mode := str(c.body, "network_mode"); {
	case n < 1 || n > 65535:
		m.reportSpec("Publish", fmt.Sprintf("Publish[%q] has %d, which is no port", c.name, n), "")
		return
	case strings.HasPrefix(mode, "service:"):
		m.reportSpec("Publish", fmt.Sprintf("Publish[%q]: the service is in the network of another", c.name), fmt.Sprintf("Publish[%q] publishes it", strings.TrimPrefix(mode, "service:")))
		return
	case mode != "" && mode != "bridge":
		m.reportSpec("Publish", fmt.Sprintf("Publish[%q]: the service has the network mode %s, in which nothing is published", c.name, mode), "")
		return
	}
	ports := list(c.body, "ports")
	if leadsTo(ports, n) {
		return
	}
	port := map[string]any{"target": n, "protocol": "tcp", "mode": "ingress", "host_ip": m.addressFor(c, nil)}
	to := "chosen by the engine"
	if m.spec.StablePorts && !m.in.overrideOnly && !m.scaled(c) {
		port["published"] = m.leasePort(c.name, n, "tcp", str(port, "host_ip"))
		to = "leased"
	}
	m.edit(r, change{at: c.at.join("ports", len(ports)), value: port, from: m.src.find(c.at),
		what: fmt.Sprintf("port %d of the container → published, at a host port %s", n, to)})
}

// leadsTo reports whether a TCP port of the container is published.
func leadsTo(ports []any, n int) bool {
	return slices.ContainsFunc(ports, func(p any) bool {
		port, ok := p.(map[string]any)
		return ok && fmt.Sprint(port["target"]) == fmt.Sprint(n) && protocolOf(p) == "tcp"
	})
}
