// SPDX-License-Identifier: Apache-2.0

package reach

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A Listener is an address on which a server listens in a container. Package wait has
// the same type.
type Listener struct {
	Addr      netip.AddrPort
	Unreached string // why it cannot be reached from outside; empty if it can
}

func (l Listener) String() string { return l.Addr.String() }

// Families is a set of IP families. The empty set means that they are not known.
type Families struct{ Four, Six bool }

// Of returns the families of addresses.
func Of(addrs []netip.Addr) Families {
	var f Families
	for _, a := range addrs {
		if a.IsValid() && !a.IsUnspecified() {
			f.Four, f.Six = f.Four || a.Unmap().Is4(), f.Six || !a.Unmap().Is4()
		}
	}
	return f
}

// Through returns the families in which a port that is published on addresses of the
// host leads to a container with these families. Docker forwards from IPv6 to IPv4 if
// the container has no IPv6, but never the other way.
func (own Families) Through(host []netip.Addr) Families {
	if own == (Families{}) || len(host) == 0 {
		return own
	}
	var f Families
	for _, a := range host {
		if !a.IsValid() { // published on all addresses
			return own
		}
		six := !a.Unmap().Is4() && own.Six
		f.Four, f.Six = f.Four || !six, f.Six || six
	}
	return f
}

// Judge says which listening addresses cannot be reached from outside. The function to
// returns the families in which something leads to a port; sixOnly are the ports on which
// IPv6 listeners do not accept IPv4, as far as that is known.
func Judge(addrs []netip.AddrPort, to func(port int) Families, sixOnly []int) []Listener {
	all := make([]Listener, 0, len(addrs))
	for _, a := range addrs {
		l := Listener{Addr: a}
		l.Unreached = l.unreached(to(int(a.Port())), slices.Contains(sixOnly, int(a.Port())))
		all = append(all, l)
	}
	return all
}

func (l Listener) unreached(to Families, sixOnly bool) string {
	addr := l.Addr.Addr()
	four, six := addr.Is4() || addr.IsUnspecified() && !sixOnly, addr.Is6()
	switch {
	case addr.IsLoopback():
		return "a published port reaches the container's address"
	case to == Families{} || four && to.Four || six && to.Six:
		return ""
	case to.Six:
		return "a published port reaches the container's IPv6 address"
	}
	return "a published port reaches the container's IPv4 address"
}

// mostNamed is the maximum number of ports in a message.
const mostNamed = 8

// Unheard returns an error that names the ports without a listener that can be
// reached from outside.
func Unheard(ports []int, all []Listener) error {
	var missing, inner []string
	for _, port := range ports {
		var only []Listener
		for _, l := range all {
			if int(l.Addr.Port()) == port {
				only = append(only, l)
			}
		}
		switch {
		case len(only) == 0:
			missing = append(missing, strconv.Itoa(port))
		case !slices.ContainsFunc(only, func(l Listener) bool { return l.Unreached == "" }):
			inner = append(inner, fmt.Sprintf("it listens on %s only; %s", addresses(only), only[0].Unreached))
		}
	}
	var words []string
	if len(missing) > 0 {
		word := "port"
		if len(missing) > 1 {
			word = "ports"
		}
		if more := len(missing) - mostNamed; more > 0 {
			missing = append(missing[:mostNamed], fmt.Sprintf("%d more", more))
		}
		words = append(words, fmt.Sprintf("nothing listens on its published %s %s (listening inside: %s)", word, strings.Join(missing, ", "), addresses(all)))
	}
	if words = append(words, inner[:min(len(inner), mostNamed)]...); len(words) == 0 {
		return nil
	}
	return errors.New(strings.Join(words, ", and "))
}

func addresses(all []Listener) string {
	if len(all) == 0 {
		return "none"
	}
	words := make([]string, 0, len(all))
	for _, l := range all {
		words = append(words, l.String())
	}
	return strings.Join(words, ", ")
}
