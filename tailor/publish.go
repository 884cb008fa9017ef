// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// They come after the ports of the files, which some of these may be.
func (m *ports) publishRules() []rule {
	return []rule{{
		name:      "publish",
		treatment: Substitute,
		reason:    "as asked",
		doc: row{
			files:   "a port that only the project uses, with `Publish`",
			becomes: "published on a host port that the engine chooses",
		},
		apply: m.publishPorts,
	}}
}

// publishPorts publishes ports that the files keep inside of the project.
func (m *ports) publishPorts(r *rule) {
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
// is not a port.
func (m *ports) toPublish(service string) []portnumber.Port {
	var all []portnumber.Port
	read := func(field, text string) {
		p, err := portnumber.Parse(text)
		if err != nil {
			m.reportSpec(field, fmt.Sprintf("%s[%q] has %s, which is not a port", field, service, text), "")
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

func (m *ports) publish(r *rule, c container, p portnumber.Port) {
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
	port := map[string]any{"target": p.Number, "protocol": p.Protocol, "mode": "ingress", "host_ip": m.hostPorts.addressFor(c, nil)}
	to := "chosen by the engine"
	if m.spec.StablePorts && !m.in.overrideOnly && !m.hostPorts.scaled(c) {
		port["published"] = m.leasing.leasePort(c.name, p.Number, p.Protocol, modeltree.Str(port, "host_ip"))
		to = "leased"
	}
	m.edit(r, change{at: c.at.Join("ports", len(ports)), value: port, from: m.src.find(c.at),
		what: fmt.Sprintf("port %v of the container → published, at a host port %s", p, to)})
}
