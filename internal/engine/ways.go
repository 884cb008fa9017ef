// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"net/netip"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"

	"github.com/seatrial/seatrial/internal/reach"
)

// namedTCP returns the TCP ports on which a container is said to listen.
func namedTCP(c container.InspectResponse) []int {
	var all []int
	for port := range c.Config.ExposedPorts {
		if port.Proto() == network.TCP {
			all = append(all, int(port.Num()))
		}
	}
	return all
}

// taskLabel is on the containers of a swarm.
const taskLabel = "com.docker.swarm.task.id"

// ways is what leads to a container.
type ways struct {
	own  reach.Families                // of its addresses
	host map[network.Port][]netip.Addr // at which its ports are published
}

// waysTo finds out what leads to a container. Nothing is known of one that has the
// network of another, or of the host, and of a swarm's: a network that is not among its
// own publishes its ports.
func waysTo(c container.InspectResponse) ways {
	w := ways{host: map[network.Port][]netip.Addr{}}
	if c.NetworkSettings == nil || c.Config != nil && c.Config.Labels[taskLabel] != "" {
		return w
	}
	var own []netip.Addr
	for _, endpoint := range c.NetworkSettings.Networks {
		if endpoint != nil {
			own = append(own, endpoint.IPAddress, endpoint.GlobalIPv6Address)
		}
	}
	w.own = reach.Of(own)
	for port, bindings := range c.NetworkSettings.Ports {
		for _, b := range bindings {
			w.host[port] = append(w.host[port], b.HostIP)
		}
	}
	return w
}

func (w ways) to(protocol string) func(port int) reach.Families {
	return func(port int) reach.Families {
		p, _ := network.PortFrom(uint16(port), network.IPProtocol(protocol))
		return w.own.Through(w.host[p])
	}
}
