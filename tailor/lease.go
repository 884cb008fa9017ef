// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/ipaddress"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// Leases lists what the caller must lease for each run of the project, so that no
// other run has the same: host ports, subnets, and locks. The override refers to
// leased ports and subnets by variables, so it is the same for all runs; docker
// compose needs their values in its environment.
type Leases struct {
	Ports   []PortLease   `json:"ports,omitempty"`
	Subnets []SubnetLease `json:"subnets,omitempty"`
	Locks   []Lock        `json:"locks,omitempty"`
}

// PortLease asks for one host port.
type PortLease struct {
	// Variable is the variable that takes the number.
	Variable string `json:"variable"`
	Service  string `json:"service"`
	// Published is the number in the files.
	Published int `json:"published"`
	// Protocols are the protocols for all of which the number must be free.
	Protocols []string `json:"protocols"`
	// HostIP is the address on which the number must be free.
	HostIP string `json:"hostIP"`
}

// SubnetLease asks for a range of addresses, as large as the one in the files.
type SubnetLease struct {
	// Variable is the variable that takes the range, in CIDR notation.
	Variable string `json:"variable"`
	// Network is the network's key in the files, and Subnet its range there.
	Network string `json:"network"`
	Subnet  string `json:"subnet"`
	// Addresses are the addresses of the range that the files name. They move along
	// with it: [SubnetLease.Values] computes the new ones.
	Addresses []AddressLease `json:"addresses,omitempty"`
}

// AddressLease is an address in a leased range. It may also be a smaller range, or
// the numbers with which all addresses of the range begin: 172.29.7.
type AddressLease struct {
	// Variable is the variable that takes the new address.
	Variable string `json:"variable"`
	// Address is the address in the files.
	Address string `json:"address"`
}

// Lock is a lock that the project must hold while it runs. Only one project on the
// machine can hold a lock of that name; others wait.
type Lock struct {
	Name string `json:"name"`
	Place

	at modeltree.Path
}

// Values returns the values of the lease's variables, by name, for the leased range
// to. It returns an error if that is not as large as the range in the files.
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
