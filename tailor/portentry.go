// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
)

const loopback = "127.0.0.1"

// portSpot finds where a port was written, also if that was as part of a range.
func (m *model) portSpot(at path, port map[string]any) spot {
	at = at.join("ports")
	spots := m.portSpots[at.String()]
	if spots == nil {
		spots = map[string]spot{}
		m.src.eachItem(at, "published", func(item any, from spot) {
			for _, key := range portKeys(item) {
				if _, ok := spots[key]; !ok {
					spots[key] = from
				}
			}
		})
		m.portSpots[at.String()] = spots
	}
	if from, ok := spots[portKey(port)]; ok {
		return from
	}
	return m.src.find(at)
}

// portKeys returns the keys of all the entries that an item of the file
// stands for.
func portKeys(item any) []string {
	if long, ok := item.(map[string]any); ok {
		return []string{portKey(clone(long))}
	}
	short, err := types.ParsePortConfig(fmt.Sprint(item))
	if err != nil {
		return nil
	}
	keys := make([]string, len(short))
	for i, p := range short {
		entry := map[string]any{"target": int(p.Target), "protocol": p.Protocol, "host_ip": p.HostIP}
		if p.Published != "" {
			entry["published"] = p.Published
		}
		keys[i] = portKey(entry)
	}
	return keys
}

// portKey is what Compose takes two entries to be the same by.
func portKey(p any) string {
	m, _ := p.(map[string]any)
	host := str(m, "host_ip")
	if host == "" {
		host = "0.0.0.0"
	}
	published := ""
	if v := m["published"]; v != nil {
		published = fmt.Sprint(v)
	}
	return fmt.Sprintf("%s:%s:%v/%s", host, published, m["target"], protocolOf(p))
}

// publishedOf returns the host ports of an entry: none if the engine chooses.
func publishedOf(p any) []int {
	m, _ := p.(map[string]any)
	if m["published"] == nil {
		return nil
	}
	from, to, isRange := strings.Cut(fmt.Sprint(m["published"]), "-")
	first, err := strconv.Atoi(from)
	if err != nil || first == 0 {
		return nil
	}
	last := first
	if isRange {
		if last, err = strconv.Atoi(to); err != nil || last-first > 1<<16 {
			last = first
		}
	}
	var all []int
	for n := first; n <= last; n++ {
		all = append(all, n)
	}
	return all
}

func protocolOf(p any) string {
	if proto := str(p, "protocol"); proto != "" {
		return strings.ToLower(proto)
	}
	return "tcp"
}

func targetOf(p any) string {
	m, _ := p.(map[string]any)
	return fmt.Sprint(m["target"]) + suffix(p)
}

func suffix(p any) string {
	if proto := protocolOf(p); proto != "tcp" {
		return "/" + proto
	}
	return ""
}

// usableAddress tells whether any machine can bind the port.
func usableAddress(p any) bool {
	ip, err := netip.ParseAddr(str(p, "host_ip"))
	return err != nil || ip.IsLoopback() || ip.IsUnspecified()
}

// addressFor keeps a loopback address, if that is where ports are published.
// Everything else becomes the one where they are: 127.0.0.1, as a port of a test
// has no business on the network, or what the caller says. On networks without IPv4
// the engine publishes nothing on an address of IPv4, and says nothing: there it is
// the same of IPv6.
func (m *model) addressFor(c container, p any) string {
	address := m.in.hostIP
	if ip, err := netip.ParseAddr(str(p, "host_ip")); address == "" && err == nil && ip.IsLoopback() {
		address = str(p, "host_ip")
	}
	if address == "" {
		address = loopback
	}
	if four, six := m.families(c); six && !four {
		return sixth(address)
	}
	return address
}

// sixth is the address of IPv6 that means what one of IPv4 does.
func sixth(address string) string {
	switch ip, err := netip.ParseAddr(address); {
	case err != nil || ip.Is6():
		return address
	case ip.IsLoopback():
		return netip.IPv6Loopback().String()
	}
	return netip.IPv6Unspecified().String()
}

// scaled tells whether a service has several containers, which can't have one
// port. In a swarm they have.
func (m *model) scaled(c container) bool {
	if m.isStack() {
		return false
	}
	for _, v := range []any{c.body["scale"], mapping(c.body, "deploy")["replicas"]} {
		if n, err := strconv.Atoi(fmt.Sprint(v)); err == nil && n > 1 {
			return true
		}
	}
	return false
}
