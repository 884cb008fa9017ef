// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// A claim is a host port, or one out of a range, that each container of a service
// is to have.
type claim struct {
	service, target string
	count           int // of containers
	protocol        string
	first, last     int
	// on are the addresses that it is taken on, perhaps those on which it is taken on
	// some machines only.
	on, perhaps []netip.Addr
	at          modeltree.Path
	from        spot
	place       Place
}

// listen notes where the engine takes the port: without an address, on all of
// IPv4, and on all of IPv6 where the machine has that. A port on an address of the
// other family than the network's leads nowhere, but that the engine may forward
// what comes over IPv6.
func (c *claim) listen(address string, four, six bool) {
	ip, err := netip.ParseAddr(address)
	all4, all6 := netip.IPv4Unspecified(), netip.IPv6Unspecified()
	switch ip = ip.Unmap(); {
	case address == "":
		if four {
			c.on = append(c.on, all4)
		}
		if six {
			c.on = append(c.on, all6)
		} else if four {
			c.perhaps = append(c.perhaps, all6)
		}
	case err != nil:
	case ip.Is4() && four, ip.Is6() && six:
		c.on = append(c.on, ip)
	case ip.Is6() && four:
		c.perhaps = append(c.perhaps, ip)
	}
}

// A conflict is claims of which at least one cannot be met.
type conflict struct {
	claims    []*claim // in the order of the files
	low, high int      // the ports that they want
}

// last is the claim that the conflict is reported at.
func (c conflict) last() *claim { return c.claims[len(c.claims)-1] }

// key is the same for claims that were written together, as ranges are.
func (c conflict) key() string {
	var b strings.Builder
	for _, one := range c.claims {
		fmt.Fprintf(&b, "%s %s:%d:%d %s;", one.service, one.place.File, one.place.Line, one.place.Column, one.protocol)
	}
	return b.String()
}

// what says who wants which ports.
func (c conflict) what() string {
	me := c.last()
	ports := fmt.Sprintf("host port %d%s", c.low, protocolSuffix(me.protocol))
	is := "is"
	if c.high > c.low {
		ports, is = fmt.Sprintf("host ports %d to %d%s", c.low, c.high, protocolSuffix(me.protocol)), "are"
	}
	if len(c.claims) == 1 {
		return fmt.Sprintf("its %d containers want %s", me.count, ports)
	}
	var others []string
	for _, o := range c.claims[:len(c.claims)-1] {
		who := "by service " + o.service
		if o.service == me.service {
			who = "for its port " + o.target
		}
		if o.count > 1 && o.service != me.service {
			who += fmt.Sprintf(", of which there are %d containers", o.count)
		}
		if text := who + o.place.within(); !slices.Contains(others, text) {
			others = append(others, text)
		}
	}
	return fmt.Sprintf("%s %s wanted twice, also %s", ports, is, strings.Join(others, ", "))
}

func protocolSuffix(protocol string) string {
	if protocol == "tcp" {
		return ""
	}
	return "/" + protocol
}

// overcrowded returns the claims that cannot all be met, whatever starts first, on
// the addresses that on says.
func overcrowded(all []*claim, on func(*claim) []netip.Addr, apart func(a, b string) bool) []conflict {
	var found []conflict
	each(all, on, func(wanted []*claim) {
		told := map[*claim]bool{}
		for port, same := range single(wanted) {
			if same = together(same, apart); total(same) > 1 {
				found = append(found, conflict{same, port, port})
				for _, c := range same {
					told[c] = true
				}
			}
		}
		rest := slices.DeleteFunc(slices.Clone(wanted), func(c *claim) bool { return told[c] })
		found = append(found, overfull(together(rest, apart))...)
	})
	return merged(found)
}

// overfull returns ranges of ports that are claimed more often than there are
// ports in them. Of a smallest such range both ends are ends of ranges.
func overfull(all []*claim) []conflict {
	byLast := slices.SortedStableFunc(slices.Values(all), func(a, b *claim) int { return a.last - b.last })
	var found []conflict
	for _, from := range all {
		if from.first == from.last {
			continue
		}
		var inside []*claim
		for _, c := range byLast {
			if c.first < from.first {
				continue
			}
			inside = append(inside, c)
			if total(inside) > c.last-from.first+1 {
				found = append(found, conflict{inFiles(all, inside), from.first, c.last})
				break
			}
		}
	}
	return found
}

// disputed returns ranges out of which others may take what a container needs: it
// depends on what starts first.
func disputed(all []*claim, on func(*claim) []netip.Addr, apart func(a, b string) bool) []conflict {
	var found []conflict
	each(all, on, func(wanted []*claim) {
		ranges := slices.DeleteFunc(slices.Clone(wanted), func(c *claim) bool { return c.first == c.last })
		for _, c := range wanted {
			rivals := ranges
			if c.first < c.last {
				rivals = wanted
			}
			near := slices.DeleteFunc(slices.Clone(rivals), func(o *claim) bool {
				return o == c || o.last < c.first || c.last < o.first || apart(c.service, o.service)
			})
			if room := c.last - c.first + 1; len(near) > 0 && total(near)+c.count > room {
				found = append(found, conflict{inFiles(wanted, append(near, c)), c.first, c.last})
			}
		}
	})
	return merged(found)
}

// each calls f with the claims of each protocol that meet on an address.
func each(all []*claim, on func(*claim) []netip.Addr, f func([]*claim)) {
	type place struct {
		protocol string
		ip       netip.Addr
	}
	var places []place
	for _, c := range all {
		for _, ip := range on(c) {
			if p := (place{c.protocol, ip}); !slices.Contains(places, p) {
				places = append(places, p)
			}
		}
	}
	for _, p := range places {
		var wanted []*claim
		for _, c := range all {
			if c.protocol == p.protocol && slices.ContainsFunc(on(c), func(ip netip.Addr) bool {
				return ip == p.ip || ip.IsUnspecified() && ip.Is4() == p.ip.Is4()
			}) {
				wanted = append(wanted, c)
			}
		}
		f(wanted)
	}
}

// single returns the claims of one port alone, by port.
func single(all []*claim) map[int][]*claim {
	ports := map[int][]*claim{}
	for _, c := range all {
		if c.first == c.last {
			ports[c.first] = append(ports[c.first], c)
		}
	}
	return ports
}

// together leaves out the claims of services that run when none of the others does.
func together(all []*claim, apart func(a, b string) bool) []*claim {
	services := map[string]bool{}
	for _, c := range all {
		services[c.service] = true
	}
	alone := map[string]bool{}
	for name := range services {
		alone[name] = len(services) > 1
		for other := range services {
			alone[name] = alone[name] && (other == name || apart(name, other))
		}
	}
	own := map[string]int{}
	for _, c := range all {
		own[c.service] += c.count
	}
	return slices.DeleteFunc(slices.Clone(all), func(c *claim) bool { return alone[c.service] && own[c.service] == 1 })
}

func total(all []*claim) int {
	n := 0
	for _, c := range all {
		n += c.count
	}
	return n
}

// inFiles returns some of the claims in the order that all of them have.
func inFiles(all, some []*claim) []*claim {
	return slices.DeleteFunc(slices.Clone(all), func(c *claim) bool { return !slices.Contains(some, c) })
}

// merged makes one conflict of those that were written together, and leaves out those
// that are part of another.
func merged(all []conflict) []conflict {
	byKey := map[string]conflict{}
	for _, c := range all {
		if same, ok := byKey[c.key()]; ok {
			c.low, c.high = min(c.low, same.low), max(c.high, same.high)
		}
		byKey[c.key()] = c
	}
	var found []conflict
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		c := byKey[key]
		part := slices.ContainsFunc(slices.Collect(maps.Values(byKey)), func(o conflict) bool {
			return len(o.claims) > len(c.claims) && o.low <= c.low && c.high <= o.high && len(inFiles(o.claims, c.claims)) == len(c.claims)
		})
		if !part {
			found = append(found, c)
		}
	}
	return found
}
