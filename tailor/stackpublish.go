// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// publishStackPorts publishes ports that the files keep inside of the stack, on the
// node of each task: the test can ask each one, and no kernel need have IPVS.
func (m *stackPorts) publishStackPorts(r *rule) {
	var there []string
	for _, c := range m.containers() {
		there = append(there, c.name)
		for _, n := range m.spec.Publish[c.name] {
			m.publishStackPort(r, c, n)
		}
	}
	m.ports.checkPublished(there)
}

func (m *stackPorts) publishStackPort(r *rule, c container, n int) {
	ports := modeltree.List(c.body, "ports")
	switch {
	case n < 1 || n > 65535:
		m.reportSpec("Publish", fmt.Sprintf("Publish[%q] has %d, which is no port", c.name, n), "")
	case m.onHostNetwork(c):
		m.reportSpec("Publish", fmt.Sprintf("Publish[%q]: the service is on the machine's own network, where nothing is published", c.name), "")
	case !portentry.LeadsTo(ports, n):
		m.edit(r, change{at: c.at.Join("ports", len(ports)), value: map[string]any{"target": n, "protocol": "tcp", "mode": "host"}, from: m.src.find(c.at),
			what: fmt.Sprintf("port %d of the container → published, at a port chosen by the engine of each task", n)})
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
