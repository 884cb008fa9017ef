// SPDX-License-Identifier: Apache-2.0

package tailor_test

import (
	"net/netip"
	"testing"

	"github.com/seatrial/seatrial/tailor"
)

// What is in a range keeps its place in it, wherever the range ends within a byte.
func TestAddressesMoveWithTheirRange(t *testing.T) {
	for _, test := range []struct{ subnet, address, to, want string }{
		{"172.29.5.0/24", "172.29.5.10", "10.99.7.0/24", "10.99.7.10"},
		{"172.29.16.0/20", "172.29.21.10", "10.99.32.0/20", "10.99.37.10"},
		{"172.29.5.64/26", "172.29.5.70", "10.99.7.192/26", "10.99.7.198"},
		{"172.29.5.64/26", "172.29.5.80/28", "10.99.7.192/26", "10.99.7.208/28"},
		{"fd00:1:2:30::/60", "fd00:1:2:35::a", "fd99:1:2:f0::/60", "fd99:1:2:f5::a"},
	} {
		lease := tailor.SubnetLease{Variable: "RANGE", Subnet: test.subnet, Addresses: []tailor.AddressLease{{Variable: "ADDRESS", Address: test.address}}}
		values, err := lease.Values(netip.MustParsePrefix(test.to))
		if err != nil || values["RANGE"] != test.to || values["ADDRESS"] != test.want {
			t.Errorf("%s of %s is %q in %s, %v, want %s", test.address, test.subnet, values["ADDRESS"], values["RANGE"], err, test.want)
		}
	}
}
