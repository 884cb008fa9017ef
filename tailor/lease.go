// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/ipaddress"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
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
