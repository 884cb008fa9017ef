// SPDX-License-Identifier: Apache-2.0

package portentry

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// KeysOf returns the keys of all the entries that an item of the file
// stands for.
func KeysOf(item any) []string {
	if long, ok := item.(map[string]any); ok {
		return []string{Key(modeltree.Clone(long))}
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
		keys[i] = Key(entry)
	}
	return keys
}

// Key is what Compose takes two entries to be the same by.
func Key(p any) string {
	m, _ := p.(map[string]any)
	host := modeltree.Str(m, "host_ip")
	if host == "" {
		host = "0.0.0.0"
	}
	published := ""
	if v := m["published"]; v != nil {
		published = fmt.Sprint(v)
	}
	return fmt.Sprintf("%s:%s:%v/%s", host, published, m["target"], Protocol(p))
}

// Published returns the host ports of an entry: none if the engine chooses.
func Published(p any) []int {
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

// Protocol returns the protocol of an entry in small letters, tcp if it names none.
func Protocol(p any) string {
	if proto := modeltree.Str(p, "protocol"); proto != "" {
		return strings.ToLower(proto)
	}
	return "tcp"
}

// Target returns the port of the container, with its protocol unless that is tcp.
func Target(p any) string {
	m, _ := p.(map[string]any)
	return fmt.Sprint(m["target"]) + Suffix(p)
}

// Suffix is what is written behind a port for a protocol other than tcp: "/udp".
func Suffix(p any) string {
	if proto := Protocol(p); proto != "tcp" {
		return "/" + proto
	}
	return ""
}

// IsUsable tells whether any machine can bind the port.
func IsUsable(p any) bool {
	ip, err := netip.ParseAddr(modeltree.Str(p, "host_ip"))
	return err != nil || ip.IsLoopback() || ip.IsUnspecified()
}

// OverIPv6 is the address of IPv6 that means what one of IPv4 does.
func OverIPv6(address string) string {
	switch ip, err := netip.ParseAddr(address); {
	case err != nil || ip.Is6():
		return address
	case ip.IsLoopback():
		return netip.IPv6Loopback().String()
	}
	return netip.IPv6Unspecified().String()
}

// Numbers lists ports for people.
func Numbers(all []int) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(all), " ", ", "), "[]")
}

// LeadsTo reports whether a port of the container is published for a protocol.
func LeadsTo(ports []any, n int, protocol string) bool {
	return slices.ContainsFunc(ports, func(p any) bool {
		port, ok := p.(map[string]any)
		return ok && fmt.Sprint(port["target"]) == fmt.Sprint(n) && Protocol(p) == protocol
	})
}
