// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/ipaddress"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// Leases are what whoever runs the project has to lease for it, so that no two
// copies have the same. The override names what was leased by variables, for
// which docker compose must be given values: the override is the same for all
// copies.
type Leases struct {
	Ports   []PortLease   `json:"ports,omitempty"`
	Subnets []SubnetLease `json:"subnets,omitempty"`
	Locks   []Lock        `json:"locks,omitempty"`
}

// PortLease asks for a number that is free for all of the protocols.
type PortLease struct {
	// Variable takes the number.
	Variable string `json:"variable"`
	Service  string `json:"service"`
	// Published is the number in the files.
	Published int      `json:"published"`
	Protocols []string `json:"protocols"`
	// HostIP is the address that it is to be free on.
	HostIP string `json:"hostIP"`
}

// SubnetLease asks for a range of addresses of the same size.
type SubnetLease struct {
	// Variable takes the range in CIDR notation.
	Variable string `json:"variable"`
	// Network is the key in the files, Subnet the range that they have.
	Network string `json:"network"`
	Subnet  string `json:"subnet"`
	// Addresses are those in it that the files name, which move along.
	Addresses []AddressLease `json:"addresses,omitempty"`
}

// AddressLease is an address in a range that is leased, a part of it, or the numbers that
// all its addresses begin with.
type AddressLease struct {
	Variable string `json:"variable"`
	// Address is the one in the files.
	Address string `json:"address"`
}

// Lock is a name that only one copy on the whole machine may have at a time.
type Lock struct {
	Name string `json:"name"`
	Place

	at modeltree.Path
}

// Values returns the values of the lease's variables if it is given the range
// to, which must be as large as the one in the files.
func (s SubnetLease) Values(to netip.Prefix) (map[string]string, error) {
	from, err := netip.ParsePrefix(s.Subnet)
	if err != nil {
		return nil, fmt.Errorf("leasing subnet: %w", err)
	}
	if to.Bits() != from.Bits() || to.Addr().Is4() != from.Addr().Is4() {
		return nil, fmt.Errorf("leasing subnet %s: %s is not of its size", from, to)
	}
	values := map[string]string{s.Variable: to.Masked().String()}
	for _, a := range s.Addresses {
		if a.Address == ipaddress.First(from) {
			values[a.Variable] = ipaddress.First(to)
			continue
		}
		address, bits, isRange := strings.Cut(a.Address, "/")
		ip, err := netip.ParseAddr(address)
		if err != nil {
			return nil, fmt.Errorf("leasing subnet %s: %w", from, err)
		}
		values[a.Variable] = ipaddress.Moved(ip, to).String()
		if isRange {
			values[a.Variable] += "/" + bits
		}
	}
	return values, nil
}

// variable makes the name of a variable that no other thing has: what is a
// key for the same name twice.
func (m *model) variable(key string, words ...string) string {
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
func (m *model) pathVariable(key string, words ...string) string {
	name := m.variable(key, words...)
	m.in.leased[name] = placeholder.PathStart + name + placeholder.End
	return name
}

// mark returns what stands in the model for a variable.
func (m *model) mark(variable string) string { return m.in.leased[variable] }

// leasePort returns the mark of the leased number for a port of a service.
func (m *model) leasePort(service string, published int, protocol, hostIP string) string {
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

// lock notes that copies have to wait for each other.
func (m *model) lock(name string, from spot, at modeltree.Path) {
	if !slices.ContainsFunc(m.plan.Leases.Locks, func(l Lock) bool { return l.Name == name }) {
		m.plan.Leases.Locks = append(m.plan.Leases.Locks, Lock{name, from.place(at), at})
	}
}
