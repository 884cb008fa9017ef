// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
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
		for _, p := range m.toPublish(c.name) {
			m.publish(r, c, p)
		}
	}
	m.checkPublished(there)
}

// toPublish returns the ports of a service that the test wants published, and reports what
// is no port.
func (m *model) toPublish(service string) []portnumber.Port {
	var all []portnumber.Port
	read := func(field, text string) {
		p, err := portnumber.Parse(text)
		if err != nil {
			m.reportSpec(field, fmt.Sprintf("%s[%q] has %s, which is no port", field, service, text), "")
			return
		}
		all = append(all, p)
	}
	for _, n := range m.spec.Publish[service] {
		read("Publish", strconv.Itoa(n))
	}
	for _, text := range m.spec.PublishOther[service] {
		read("PublishOther", text)
	}
	return all
}

// checkPublished reports services to publish ports of that are none of those there are.
func (m *model) checkPublished(there []string) {
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

func (m *model) publish(r *rule, c container, p portnumber.Port) {
	switch mode := modeltree.Str(c.body, "network_mode"); {
	case strings.HasPrefix(mode, "service:"):
		m.reportSpec("Publish", fmt.Sprintf("Publish[%q]: the service is in the network of another", c.name), fmt.Sprintf("Publish[%q] publishes it", strings.TrimPrefix(mode, "service:")))
		return
	case mode != "" && mode != "bridge":
		m.reportSpec("Publish", fmt.Sprintf("Publish[%q]: the service has the network mode %s, in which nothing is published", c.name, mode), "")
		return
	}
	ports := modeltree.List(c.body, "ports")
	if portentry.LeadsTo(ports, p.Number, p.Protocol) {
		return
	}
	port := map[string]any{"target": p.Number, "protocol": p.Protocol, "mode": "ingress", "host_ip": m.addressFor(c, nil)}
	to := "chosen by the engine"
	if m.spec.StablePorts && !m.in.overrideOnly && !m.scaled(c) {
		port["published"] = m.leasePort(c.name, p.Number, p.Protocol, modeltree.Str(port, "host_ip"))
		to = "leased"
	}
	m.edit(r, change{at: c.at.Join("ports", len(ports)), value: port, from: m.src.find(c.at),
		what: fmt.Sprintf("port %v of the container → published, at a host port %s", p, to)})
}
