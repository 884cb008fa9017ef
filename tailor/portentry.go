// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

// hostPorts reads the host ports of the files: where they were written, and what they are wanted for.
type hostPorts struct {
	*document
	*decisions
	networks *networks

	// portSpots are where ports were written, by path of the list and key.
	portSpots map[string]map[string]spot
	// protocols are those of each host port of a service, by its path.
	protocols map[string]map[int][]string
	// rooms are for how many containers of a service its host ports suffice.
	rooms map[string]int
}

const loopback = "127.0.0.1"

// portSpot finds where a port was written, also if that was as part of a range.
func (m *hostPorts) portSpot(at modeltree.Path, port map[string]any) spot {
	at = at.Join("ports")
	spots := m.portSpots[at.String()]
	if spots == nil {
		spots = map[string]spot{}
		m.src.eachItem(at, "published", func(item any, from spot) {
			for _, key := range portentry.KeysOf(item) {
				if _, ok := spots[key]; !ok {
					spots[key] = from
				}
			}
		})
		m.portSpots[at.String()] = spots
	}
	if from, ok := spots[portentry.Key(port)]; ok {
		return from
	}
	return m.src.find(at)
}

// addressFor keeps a loopback address, if that is where ports are published.
// Everything else becomes the one where they are: 127.0.0.1, as a port of a test
// has no business on the network, or what the caller says. On networks without IPv4
// the engine publishes nothing on an address of IPv4, and says nothing: there it is
// the same of IPv6.
func (m *hostPorts) addressFor(c container, p any) string {
	address := m.in.hostIP
	if ip, err := netip.ParseAddr(modeltree.Str(p, "host_ip")); address == "" && err == nil && ip.IsLoopback() {
		address = modeltree.Str(p, "host_ip")
	}
	if address == "" {
		address = loopback
	}
	if four, six := m.networks.families(c); six && !four {
		return portentry.OverIPv6(address)
	}
	return address
}

// scaled tells whether a service has several containers, which can't have one
// port. In a swarm they have.
func (m *hostPorts) scaled(c container) bool {
	if m.isStack() {
		return false
	}
	for _, v := range []any{c.body["scale"], modeltree.Mapping(c.body, "deploy")["replicas"]} {
		if n, err := strconv.Atoi(fmt.Sprint(v)); err == nil && n > 1 {
			return true
		}
	}
	return false
}

// roomFor notes for how many containers the host ports of a service suffice, unless
// the test does not want to hear of it.
func (m *hostPorts) roomFor(r *rule, service string, containers int) {
	if known := m.rooms[service]; known == 0 || known > containers {
		m.rooms[service] = containers
	}
	if m.listed("Allow", m.spec.Allow, r.name) {
		delete(m.rooms, service)
	}
}

func (m *hostPorts) keptPort(all []int) bool {
	return slices.ContainsFunc(all, func(n int) bool { return slices.Contains(m.spec.KeepPorts, n) })
}

// protocolsOf returns the protocols of each host port of a service, sorted. It
// looks at the service once, as a range may be thousands of ports.
func (m *hostPorts) protocolsOf(c container) map[int][]string {
	if known, ok := m.protocols[c.at.String()]; ok {
		return known
	}
	found := map[int][]string{}
	ports, _ := modeltree.Lookup(m.orig, c.at.Join("ports"))
	entries, _ := ports.([]any)
	for _, p := range entries {
		for _, n := range portentry.Published(p) {
			if protocol := portentry.Protocol(p); !slices.Contains(found[n], protocol) {
				found[n] = append(found[n], protocol)
				slices.Sort(found[n])
			}
		}
	}
	m.protocols[c.at.String()] = found
	return found
}
