// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"testing"
)

// An address that no engine gives out where the files want it is refused, with what is
// wrong with it there.
func TestMisplacedAddresses(t *testing.T) {
	t.Parallel()
	const four = "{subnet: 172.30.0.0/24}"
	for about, tt := range map[string]struct {
		config, address, more string
		want                  []string
	}{
		"within":                    {config: four, address: "ipv4_address: 172.30.0.9"},
		"outside":                   {config: four, address: "ipv4_address: 10.9.9.9", want: []string{"refuse 2 address 10.9.9.9 is outside of network n, which has subnet 172.30.0.0/24"}},
		"of the other subnet":       {config: four + ", {subnet: 172.31.0.0/24}", address: "ipv4_address: 172.31.0.9"},
		"outside of both":           {config: four + ", {subnet: 172.31.0.0/24}", address: "ipv4_address: 172.32.0.9", want: []string{"refuse 2 address 172.32.0.9 is outside of network n, which has subnet 172.30.0.0/24 and 172.31.0.0/24"}},
		"no IPv6 there":             {config: four, address: `ipv6_address: "fd00::5"`, want: []string{"refuse 2 address fd00::5 is outside of network n, which has subnet 172.30.0.0/24"}},
		"the other family":          {config: four, address: `ipv4_address: "fd00::5"`, want: []string{"refuse 2 ipv4_address fd00::5 is no address of IPv4"}},
		"none":                      {config: four, address: "ipv4_address: 172.30.0", want: []string{"refuse 2 ipv4_address 172.30.0 is no address of IPv4"}},
		"the gateway":               {config: "{subnet: 172.30.0.0/24, gateway: 172.30.0.254}", address: "ipv4_address: 172.30.0.254", want: []string{"refuse 2 address 172.30.0.254 is the gateway of network n"}},
		"the gateway otherwise":     {config: four, address: "ipv4_address: 172.30.0.1", want: []string{"refuse 2 address 172.30.0.1 is the gateway, which is the first address where the file names no other, of network n"}},
		"the first, and no gateway": {config: "{subnet: 172.30.0.0/24, gateway: 172.30.0.254}", address: "ipv4_address: 172.30.0.1"},
		"the first, with a range":   {config: "{subnet: 172.30.0.0/24, ip_range: 172.30.0.128/25}", address: "ipv4_address: 172.30.0.1"},
		"of IPv6":                   {config: "{subnet: \"fd00:1::/64\"}", address: `ipv6_address: "fd00:1::1"`, more: "enable_ipv6: true, ", want: []string{"refuse 2 address fd00:1::1 is the gateway, which is the first address where the file names no other, of network n"}},
		"the subnet":                {config: four, address: "ipv4_address: 172.30.0.0", want: []string{"refuse 2 address 172.30.0.0 is the address of the subnet itself of network n"}},
		"broadcast":                 {config: four, address: "ipv4_address: 172.30.0.255", want: []string{"refuse 2 address 172.30.0.255 is the broadcast address of network n"}},
		"of two addresses":          {config: "{subnet: 172.30.0.0/31}", address: "ipv4_address: 172.30.0.1"},
		"reserved":                  {config: "{subnet: 172.30.0.0/24, aux_addresses: {router: 172.30.0.7}}", address: "ipv4_address: 172.30.0.7", want: []string{"refuse 2 address 172.30.0.7 is router in aux_addresses of network n"}},
		"a gateway elsewhere":       {config: "{subnet: 172.30.0.0/24, gateway: 172.31.0.1}", address: "ipv4_address: 172.30.0.9", want: []string{"refuse 4 gateway 172.31.0.1 is outside of subnet 172.30.0.0/24"}},
		"a range elsewhere":         {config: "{subnet: 172.30.0.0/24, ip_range: 172.31.0.0/25}", address: "ipv4_address: 172.30.0.9", want: []string{"refuse 4 ip_range 172.31.0.0/25 is outside of subnet 172.30.0.0/24"}},
		"a reserved one elsewhere":  {config: "{subnet: 172.30.0.0/24, aux_addresses: {r: 172.31.0.1}}", address: "ipv4_address: 172.30.0.9", want: []string{"refuse 4 address r 172.31.0.1 is outside of subnet 172.30.0.0/24"}},
		"of a service that is off":  {config: four, want: []string{"warning 2 address 10.9.9.9 is outside of network n, which has subnet 172.30.0.0/24"}},
		"without a subnet":          {config: "{}", address: "ipv4_address: 10.9.9.9", want: []string{"warning 2 address 10.9.9.9 on network n"}},
	} {
		file := servicesOf("networks: {n: {"+tt.address+"}}", "command: x") + fmt.Sprintf("networks: {n: {%sipam: {config: [%s]}}}\n", tt.more, tt.config)
		if about == "of a service that is off" {
			file = servicesOf("networks: {n: {ipv4_address: 10.9.9.9}}, profiles: [p]", "command: x") + fmt.Sprintf("networks: {n: {ipam: {config: [%s]}}}\n", tt.config)
		}
		plan, _ := planned(tree(t, "-- compose.yaml --\n"+file), nil)
		var got []string
		for _, f := range plan.Findings {
			if f.Rule == "fixed-address" {
				got = append(got, fmt.Sprintf("%s %d %s", f.Severity, f.Line, f.What))
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: findings\n%q, want\n%q", about, got, tt.want)
		}
	}
}
