// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"

	"github.com/seatrial/seatrial/internal/portnumber"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// publishStackPorts publishes ports that the files keep inside of the stack, on the
// node of each task: the test can ask each one, and no kernel need have IPVS.
func (m *stackPorts) publishStackPorts(r *rule) {
	var there []string
	for _, c := range m.containers() {
		there = append(there, c.name)
		for _, p := range m.ports.toPublish(c.name) {
			m.publishStackPort(r, c, p)
		}
	}
	m.ports.checkPublished(there)
}

func (m *stackPorts) publishStackPort(r *rule, c container, p portnumber.Port) {
	ports := modeltree.List(c.body, "ports")
	switch {
	case m.onHostNetwork(c):
		m.reportSpec("Publish", fmt.Sprintf("Publish[%q]: the service is on the machine's own network, where nothing is published", c.name), "")
	case !portentry.LeadsTo(ports, p.Number, p.Protocol):
		m.edit(r, change{at: c.at.Join("ports", len(ports)), value: map[string]any{"target": p.Number, "protocol": p.Protocol, "mode": "host"}, from: m.src.find(c.at),
			what: fmt.Sprintf("port %v of the container → published, at a port chosen by the engine of each task", p)})
	}
}

// onHostNetwork tells whether a service is on the machine's own network, and stays
// there.
func (m *stackPorts) onHostNetwork(c container) bool {
	for _, key := range stackNetworks(c) {
		n := modeltree.Mapping(modeltree.Mapping(m.tree, "networks"), key)
		if n == nil || !modeltree.Truth(n, "external") || nameOf(container{name: key, body: n}) != "host" {
			continue
		}
		_, byKey := m.spec.Networks[key]
		_, byName := m.spec.Networks["host"]
		return !byKey && !byName
	}
	return false
}
