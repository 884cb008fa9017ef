// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"testing"

	"github.com/seatrial/seatrial/spec"
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
		"within":                                  {config: four, address: "ipv4_address: 172.30.0.9"},
		"outside":                                 {config: four, address: "ipv4_address: 10.9.9.9", want: []string{"refuse 2 address 10.9.9.9 is outside of network n, which has subnet 172.30.0.0/24"}},
		"of the other subnet":                     {config: four + ", {subnet: 172.31.0.0/24}", address: "ipv4_address: 172.31.0.9"},
		"outside of both":                         {config: four + ", {subnet: 172.31.0.0/24}", address: "ipv4_address: 172.32.0.9", want: []string{"refuse 2 address 172.32.0.9 is outside of network n, which has subnet 172.30.0.0/24 and 172.31.0.0/24"}},
		"no IPv6 there":                           {config: four, address: `ipv6_address: "fd00::5"`, want: []string{"refuse 2 address fd00::5 is outside of network n, which has subnet 172.30.0.0/24"}},
		"the other family":                        {config: four, address: `ipv4_address: "fd00::5"`, want: []string{"refuse 2 ipv4_address fd00::5 is no address of IPv4"}},
		"none":                                    {config: four, address: "ipv4_address: 172.30.0", want: []string{"refuse 2 ipv4_address 172.30.0 is no address of IPv4"}},
		"the gateway":                             {config: "{subnet: 172.30.0.0/24, gateway: 172.30.0.254}", address: "ipv4_address: 172.30.0.254", want: []string{"refuse 2 address 172.30.0.254 is the gateway of network n"}},
		"the gateway otherwise":                   {config: four, address: "ipv4_address: 172.30.0.1", want: []string{"refuse 2 address 172.30.0.1 is the gateway, which is the first address where the file names no other, of network n"}},
		"the first, and no gateway":               {config: "{subnet: 172.30.0.0/24, gateway: 172.30.0.254}", address: "ipv4_address: 172.30.0.1"},
		"the first, with a range":                 {config: "{subnet: 172.30.0.0/24, ip_range: 172.30.0.128/25}", address: "ipv4_address: 172.30.0.1"},
		"of IPv6":                                 {config: "{subnet: \"fd00:1::/64\"}", address: `ipv6_address: "fd00:1::1"`, more: "enable_ipv6: true, ", want: []string{"refuse 2 address fd00:1::1 is the gateway, which is the first address where the file names no other, of network n"}},
		"the subnet":                              {config: four, address: "ipv4_address: 172.30.0.0", want: []string{"refuse 2 address 172.30.0.0 is the address of the subnet itself of network n"}},
		"broadcast":                               {config: four, address: "ipv4_address: 172.30.0.255", want: []string{"refuse 2 address 172.30.0.255 is the broadcast address of network n"}},
		"of two addresses":                        {config: "{subnet: 172.30.0.0/31}", address: "ipv4_address: 172.30.0.1"},
		"reserved":                                {config: "{subnet: 172.30.0.0/24, aux_addresses: {router: 172.30.0.7}}", address: "ipv4_address: 172.30.0.7", want: []string{"refuse 2 address 172.30.0.7 is router in aux_addresses of network n"}},
		"a gateway elsewhere":                     {config: "{subnet: 172.30.0.0/24, gateway: 172.31.0.1}", address: "ipv4_address: 172.30.0.9", want: []string{"refuse 4 gateway 172.31.0.1 is outside of subnet 172.30.0.0/24"}},
		"a range elsewhere":                       {config: "{subnet: 172.30.0.0/24, ip_range: 172.31.0.0/25}", address: "ipv4_address: 172.30.0.9", want: []string{"refuse 4 ip_range 172.31.0.0/25 is outside of subnet 172.30.0.0/24"}},
		"a reserved one elsewhere":                {config: "{subnet: 172.30.0.0/24, aux_addresses: {r: 172.31.0.1}}", address: "ipv4_address: 172.30.0.9", want: []string{"refuse 4 address r 172.31.0.1 is outside of subnet 172.30.0.0/24"}},
		"a gateway with a length":                 {config: "{subnet: 172.30.0.0/24, gateway: 172.30.0.1/24}", address: "ipv4_address: 172.30.0.9", want: []string{"refuse 4 gateway 172.30.0.1/24 is no address"}},
		"a reserved one with one":                 {config: "{subnet: 172.30.0.0/24, aux_addresses: {r: 172.30.0.5/24}}", address: "ipv4_address: 172.30.0.9", want: []string{"refuse 4 address r 172.30.0.5/24 is no address"}},
		"a gateway by name":                       {config: "{subnet: 172.30.0.0/24, gateway: router}", address: "ipv4_address: 172.30.0.9", want: []string{"refuse 4 gateway router is no address"}},
		"a range without a length":                {config: "{subnet: 172.30.0.0/24, ip_range: 172.30.0.128}", address: "ipv4_address: 172.30.0.9", want: []string{"refuse 4 ip_range 172.30.0.128 is no range"}},
		"a gateway of IPv6 that is off":           {config: "{subnet: 172.30.0.0/24}, {subnet: \"fd00:1::/64\", gateway: \"fd00:2::1\"}", address: "ipv4_address: 172.30.0.9"},
		"the first of an isolated bridge":         {config: four, address: "ipv4_address: 172.30.0.1", more: "internal: true, driver_opts: {com.docker.network.bridge.gateway_mode_ipv4: isolated}, "},
		"the first of one without an address":     {config: four, address: "ipv4_address: 172.30.0.1", more: "internal: true, driver_opts: {com.docker.network.bridge.inhibit_ipv4: \"true\"}, "},
		"the first of one that hosts reach":       {config: four, address: "ipv4_address: 172.30.0.1", more: "driver_opts: {com.docker.network.bridge.inhibit_ipv4: \"true\"}, ", want: []string{"refuse 2 address 172.30.0.1 is the gateway, which is the first address where the file names no other, of network n"}},
		"the first of an isolated bridge of IPv6": {config: "{subnet: \"fd00:1::/64\"}", address: `ipv6_address: "fd00:1::1"`, more: "enable_ipv6: true, internal: true, driver_opts: {com.docker.network.bridge.gateway_mode_ipv6: isolated}, "},
		"of a service that is off":                {config: four, want: []string{"note 2 address 10.9.9.9 is outside of network n, which has subnet 172.30.0.0/24"}},
		"without a subnet":                        {config: "{}", address: "ipv4_address: 10.9.9.9", want: []string{"warning 2 address 10.9.9.9 on network n"}},
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

// Engines from 25 on refuse ranges that are written as an address in them. That it is
// put right in the copies is no help to whoever gets the files.
func TestHostBits(t *testing.T) {
	t.Parallel()
	for about, tt := range map[string]struct {
		config, more string
		want         []string
		stack        bool
	}{
		"none":                 {config: "{subnet: 10.5.0.0/24}"},
		"of a subnet":          {config: "{subnet: 10.5.0.1/24}", want: []string{"refuse subnet 10.5.0.1/24 is an address in it, and has to be 10.5.0.0/24"}},
		"of a stack":           {config: "{subnet: 10.5.0.1/24}", stack: true, want: []string{"refuse subnet 10.5.0.1/24 is an address in it, and has to be 10.5.0.0/24"}},
		"of a range":           {config: "{subnet: 10.5.0.0/24, ip_range: 10.5.0.129/25}", want: []string{"refuse ip_range 10.5.0.129/25 is an address in it, and has to be 10.5.0.128/25"}},
		"a large range":        {config: "{subnet: 10.5.0.0/24, ip_range: 10.5.0.0/16}", want: []string{"refuse ip_range 10.5.0.0/16 is larger than subnet 10.5.0.0/24"}},
		"of IPv6":              {config: `{subnet: "fd00:1::1/64"}`, more: "enable_ipv6: true, ", want: []string{"refuse subnet fd00:1::1/64 is an address in it, and has to be fd00:1::/64"}},
		"of IPv6 that is off":  {config: `{subnet: "fd00:1::1/64"}`},
		"allowed":              {config: "{subnet: 10.5.0.1/24}", want: []string{"note subnet 10.5.0.1/24 is an address in it, and has to be 10.5.0.0/24"}},
		"of what nobody is on": {config: "{subnet: 10.5.0.1/24}", want: []string{"note subnet 10.5.0.1/24 is an address in it, and has to be 10.5.0.0/24"}},
	} {
		service := "networks: [n]"
		var allow []string
		switch about {
		case "allowed":
			allow = []string{"subnet"}
		case "of what nobody is on":
			service += ", profiles: [p]"
		}
		dir := tree(t, "-- compose.yaml --\n"+servicesOf(service, "command: x")+fmt.Sprintf("networks: {n: {%sipam: {config: [%s]}}}\n", tt.more, tt.config))
		tailored := planned
		if tt.stack {
			tailored = deployed
		}
		plan, _ := tailored(dir, func(p *spec.Project) { p.Allow = allow })
		var got []string
		for _, f := range plan.Findings {
			if f.Rule == "subnet" {
				got = append(got, fmt.Sprintf("%s %s", f.Severity, f.What))
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: findings\n%q, want\n%q", about, got, tt.want)
		}
	}
}
