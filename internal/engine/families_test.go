// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"github.com/seatrial/seatrial/internal/enginetest"
)

// Where ports of containers are published depends on what addresses their networks
// have.
func TestPortsFollowNetworks(t *testing.T) {
	socket := bare(t) + "/docker.sock"
	fake := enginetest.NewFake("docker", "1.48")
	type config struct{ Subnet string }
	type answer struct {
		EnableIPv4, EnableIPv6, Internal bool
		IPAM                             struct{ Config []config }
	}
	add := func(name string, a answer, subnets ...string) {
		for _, s := range subnets {
			a.IPAM.Config = append(a.IPAM.Config, config{s})
		}
		fake.Answer("/networks/"+name, a)
	}
	add("four", answer{EnableIPv4: true}, "10.1.0.0/16")
	add("both", answer{EnableIPv4: true, EnableIPv6: true}, "10.2.0.0/16", "fd00:2::/64")
	add("six", answer{EnableIPv6: true}, "fd00:3::/64")
	add("older", answer{EnableIPv6: true}, "10.4.0.0/16", "fd00:4::/64") // it does not tell of IPv4
	add("oldest", answer{}, "10.5.0.0/16")
	add("inside", answer{EnableIPv4: true, Internal: true}, "10.6.0.0/16")
	fake.ServeAt(t, socket)
	e, err := At(t.Context(), Named{Host: "unix://" + socket, Address: "127.0.0.1"}, Caller{})
	if err != nil {
		t.Fatal(err)
	}
	const nowhere, only4 = "nothing leads out", "have no IPv4"
	for _, tt := range []struct {
		networks string
		bind     string
		why      string // a port on 127.0.0.1 is never published
	}{
		{"", "127.0.0.1", ""},
		{"four", "127.0.0.1", ""},
		{"both", "127.0.0.1", ""},
		{"older", "127.0.0.1", ""},
		{"oldest", "127.0.0.1", ""},
		{"gone", "127.0.0.1", nowhere},
		{"inside", "127.0.0.1", nowhere},
		{"six", "::1", only4},
		{"six four", "127.0.0.1", ""},
		{"six inside", "::1", only4},
	} {
		all := strings.Fields(tt.networks)
		got, err := e.bindAddress(t.Context(), all)
		if err != nil || got.String() != tt.bind {
			t.Errorf("ports on networks %q are bound to %v, %v; want %s", tt.networks, got, err, tt.bind)
		}
		c := container.InspectResponse{HostConfig: &container.HostConfig{}, NetworkSettings: &container.NetworkSettings{Networks: map[string]*network.EndpointSettings{}}}
		for _, name := range all {
			c.NetworkSettings.Networks[name] = &network.EndpointSettings{}
		}
		port, _ := network.PortFrom(80, network.TCP)
		c.HostConfig.PortBindings = network.PortMap{port: {{HostIP: netip.MustParseAddr("127.0.0.1")}}}
		if why, err := e.Unpublishable(t.Context(), c); err != nil || (why == "") != (tt.why == "") || !strings.Contains(why, tt.why) {
			t.Errorf("ports on networks %q, on 127.0.0.1: %q, %v; want %q", tt.networks, why, err, tt.why)
		}
		c.HostConfig.PortBindings[port][0].HostIP = netip.MustParseAddr(tt.bind)
		if why, _ := e.Unpublishable(t.Context(), c); why != "" && tt.why != nowhere {
			t.Errorf("ports on networks %q, on %s: %q, want that nothing keeps them from it", tt.networks, tt.bind, why)
		}
	}
	for host, want := range map[string]string{"::": "[::1]:80", "::1": "[::1]:80", "0.0.0.0": "127.0.0.1:80", "": "127.0.0.1:80", "127.0.0.2": "127.0.0.2:80"} {
		if got, err := e.Reach(t.Context(), Binding{HostIP: host, HostPort: 80}); err != nil || got != want {
			t.Errorf("a port on %q is reached at %s, %v; want %s", host, got, err, want)
		}
	}
}

// A container without a network of its own publishes nothing, and the engine does not
// say why.
func TestPortsElsewhere(t *testing.T) {
	socket := bare(t) + "/docker.sock"
	fake := enginetest.NewFake("docker", "1.48")
	fake.Answer("/containers/there/json", map[string]any{"Id": "there", "Name": "/shop-web-1", "State": map[string]any{"Status": "running"}, "Config": map[string]any{}})
	fake.ServeAt(t, socket)
	e, err := At(t.Context(), Named{Host: "unix://" + socket, Address: "127.0.0.1"}, Caller{})
	if err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[string]string{
		"none": "it has no network (network mode none)", "bridge": "", "shop_default": "", "host": "",
		"container:there": "it is in the network of container shop-web-1, which has the ports", "container:gone": "it is in the network of a container that is gone",
	} {
		c := container.InspectResponse{HostConfig: &container.HostConfig{NetworkMode: container.NetworkMode(mode)}}
		if got, err := e.PortsElsewhere(t.Context(), c); got != want || err != nil {
			t.Errorf("network mode %s: %q, %v, want %q", mode, got, err, want)
		}
	}
}
