// SPDX-License-Identifier: Apache-2.0

package outside

import (
	"fmt"
	"net/netip"
)

// A Link is the pair of virtual network devices between us and an engine. All
// about it follows from its number, which lies between 1 and Links-1.
//
// Its addresses are of 198.18.0.0/15, which RFC 2544 sets aside for tests: no
// network of the world has them, and neither Docker nor Swarm takes them for its
// own. The device's name is a lease: the kernel refuses a second one, and gives
// the name back when the engine's network is gone.
type Link int

// Links is the number of links that there can be in one network namespace.
const Links = 1 << 15

func (l Link) valid() bool { return 0 <= l && l < Links }

// Device is the name of our end.
func (l Link) Device() string { return fmt.Sprintf("seatrial-%d", int(l)) }

// Subnet has our end, Near, and the engine's, Far.
func (l Link) Subnet() netip.Prefix { return netip.PrefixFrom(l.address(0), 30) }
func (l Link) Near() netip.Addr     { return l.address(1) }
func (l Link) Far() netip.Addr      { return l.address(2) }

func (l Link) address(n int) netip.Addr {
	at := int(l)<<2 + n
	return netip.AddrFrom4([4]byte{198, byte(18 + at>>16), byte(at >> 8), byte(at)})
}

// Rules are the arguments of iptables for the engine's way out: op is -I or -D.
// The engine's name in them says whose they are.
func (l Link) Rules(op, name string) [][]string {
	rule := func(table, chain string, rest ...string) []string {
		args := []string{"--wait", "10", "--table", table, op, chain}
		return append(append(args, rest...), "--match", "comment", "--comment", name)
	}
	return [][]string{
		rule("nat", "POSTROUTING", "--source", l.Subnet().String(), "!", "--out-interface", l.Device(), "--jump", "MASQUERADE"),
		rule("filter", "FORWARD", "--in-interface", l.Device(), "--source", l.Subnet().String(), "--jump", "ACCEPT"),
		rule("filter", "FORWARD", "--out-interface", l.Device(), "--match", "conntrack", "--ctstate", "RELATED,ESTABLISHED", "--jump", "ACCEPT"),
	}
}
