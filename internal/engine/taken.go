// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"

	"github.com/moby/moby/client"
)

// PublishedPorts returns the ports of the engine's host that its containers
// publish, with the ids of the containers.
func (e *publishing) PublishedPorts(ctx context.Context) (map[int][]string, error) {
	list, err := e.api.ContainerList(ctx, client.ContainerListOptions{})
	if err != nil {
		return nil, err
	}
	all := map[int][]string{}
	for _, c := range list.Items {
		for _, p := range c.Ports {
			if n := int(p.PublicPort); n != 0 {
				all[n] = append(all[n], c.ID)
			}
		}
	}
	return all, nil
}

// A Subnet is a range of addresses that a network has.
type Subnet struct {
	Network Object
	Prefix  netip.Prefix
}

// Subnets returns the ranges of all networks.
func (e *publishing) Subnets(ctx context.Context) ([]Subnet, error) {
	list, err := e.api.NetworkList(ctx, client.NetworkListOptions{})
	if err != nil {
		return nil, err
	}
	var all []Subnet
	for _, n := range list.Items {
		for _, config := range n.IPAM.Config {
			if config.Subnet.IsValid() {
				all = append(all, Subnet{Object{ID: n.ID, Name: n.Name, Labels: n.Labels}, config.Subnet})
			}
		}
	}
	return all, nil
}

// PortFree reports whether nobody listens at a port of the engine's host. Where
// that is not to be seen from here, it is taken for free.
func (e *publishing) PortFree(ctx context.Context, ip string, port int, protocols []string) bool {
	p, err := e.reachable(ctx)
	if err != nil || !p.loopback {
		return true
	}
	if addr, err := netip.ParseAddr(ip); err == nil && !addr.IsUnspecified() && !isOurs(ip) {
		return true
	}
	address := net.JoinHostPort(cmp.Or(ip, here), strconv.Itoa(port))
	for _, protocol := range protocols {
		var failed error
		switch protocol {
		case "tcp":
			l, err := net.Listen("tcp", address)
			if failed = err; err == nil {
				l.Close()
			}
		case "udp":
			l, err := net.ListenPacket("udp", address)
			if failed = err; err == nil {
				l.Close()
			}
		}
		if failed != nil {
			return false
		}
	}
	return true
}

// EphemeralPorts returns the first and the last port from which the kernel of this
// machine chooses by itself; or zeros. Docker chooses from the same.
func EphemeralPorts() (ports [2]int) {
	content, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range") // Linux only
	if err != nil {
		return ports
	}
	_, _ = fmt.Sscan(string(content), &ports[0], &ports[1])
	return ports
}
