// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"net/netip"
	"strconv"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
)

const loopback = "127.0.0.1"

// portSpot finds where a port was written, also if that was as part of a range.
func (m *model) portSpot(at modeltree.Path, port map[string]any) spot {
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
func (m *model) addressFor(c container, p any) string {
	address := m.in.hostIP
	if ip, err := netip.ParseAddr(modeltree.Str(p, "host_ip")); address == "" && err == nil && ip.IsLoopback() {
		address = modeltree.Str(p, "host_ip")
	}
	if address == "" {
		address = loopback
	}
	if four, six := m.families(c); six && !four {
		return portentry.OverIPv6(address)
	}
	return address
}

// scaled tells whether a service has several containers, which can't have one
// port. In a swarm they have.
func (m *model) scaled(c container) bool {
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
