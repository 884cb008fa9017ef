// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// stackVariable is the variable for the name of the stack, and stackName its mark
// in the model.
const (
	stackVariable = "SEATRIAL_STACK"
	stackName     = placeholder.Start + stackVariable + placeholder.End
)

// leasing gives names to the variables of the override, and notes what is leased for them.
type leasing struct {
	*document

	// variables are their names, by what they are for.
	variables map[string]string
	// portLeases are the indexes of leased ports by variable.
	portLeases map[string]int
}

// variable makes the name of a variable that no other thing has: what is a
// key for the same name twice.
func (m *leasing) variable(key string, words ...string) string {
	if name, ok := m.variables[key]; ok {
		return name
	}
	base := "SEATRIAL"
	for _, w := range words {
		base += "_" + strings.Map(func(r rune) rune {
			switch {
			case r >= 'a' && r <= 'z':
				return r - 'a' + 'A'
			case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
				return r
			}
			return '_'
		}, w)
	}
	name := base
	for i := 2; m.in.leased[name] != ""; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	m.variables[key], m.in.leased[name] = name, placeholder.Start+name+placeholder.End
	return name
}

// pathVariable makes one that takes an absolute path.
func (m *leasing) pathVariable(key string, words ...string) string {
	name := m.variable(key, words...)
	m.in.leased[name] = placeholder.PathStart + name + placeholder.End
	return name
}

// mark returns what stands in the model for a variable.
func (m *leasing) mark(variable string) string { return m.in.leased[variable] }

// leasePort returns the mark of the leased number for a port of a service.
func (m *leasing) leasePort(service string, published int, protocol, hostIP string) string {
	name := m.variable(fmt.Sprintf("port %s %d", service, published), "PORT", service, fmt.Sprint(published))
	ports := &m.plan.Leases.Ports
	i, ok := m.portLeases[name]
	if !ok {
		i = len(*ports)
		m.portLeases[name] = i
		*ports = append(*ports, PortLease{Variable: name, Service: service, Published: published, HostIP: hostIP})
	}
	if l := &(*ports)[i]; !slices.Contains(l.Protocols, protocol) {
		l.Protocols = append(l.Protocols, protocol)
	}
	return m.mark(name)
}
