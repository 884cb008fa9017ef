// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/container"
)

// A Binding is a published port: where the engine's host listens for a port of
// the container.
type Binding struct {
	Port     int    // of the container
	Protocol string // tcp, udp or sctp
	HostIP   string
	HostPort int
}

// Bindings returns the published ports of a container, in order. One that is
// not running has none.
func Bindings(c container.InspectResponse) []Binding {
	var all []Binding
	if c.NetworkSettings == nil {
		return nil
	}
	for port, bindings := range c.NetworkSettings.Ports {
		for _, b := range bindings {
			var host int
			if _, err := fmt.Sscan(b.HostPort, &host); err != nil {
				continue // not published yet
			}
			all = append(all, Binding{int(port.Num()), string(port.Proto()), addressOf(b.HostIP), host})
		}
	}
	slices.SortFunc(all, byPort)
	return all
}

func byPort(a, b Binding) int {
	return cmp.Or(cmp.Compare(a.Port, b.Port), strings.Compare(a.Protocol+a.HostIP, b.Protocol+b.HostIP))
}

func addressOf(ip netip.Addr) string {
	if ip.IsValid() {
		return ip.String()
	}
	return ""
}
