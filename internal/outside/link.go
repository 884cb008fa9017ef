// SPDX-License-Identifier: Apache-2.0

package outside

import (
	"fmt"
	"net/netip"
)

// A Link is the pair of virtual network devices between us and an engine, or
// between us and the switch of a swarm. All about it follows from its number.
//
// Its addresses are of 198.18.0.0/15, which RFC 2544 sets aside for tests: no
// network of the world has them, and neither Docker nor Swarm takes them for its
// own. The device's name is a lease: the kernel refuses a second one, and gives
// the name back when the network at the other end is gone.
type Link int

// Numbers of links. From 1 to Singles-1 they are engines'; the rest are swarms',
// of which each takes several, so that it has addresses for its nodes.
const (
	Singles = 1 << 14
	Swarms  = Singles / perSwarm

	perSwarm = 16
	links    = 2 * Singles
)

// OfSwarm is the link of one of Swarms swarms, counted from 0.
func OfSwarm(n int) Link { return Link(Singles + n*perSwarm) }

func (l Link) valid() bool {
	return 0 <= l && l < Singles || l.isSwarm() && l < links && l%perSwarm == 0
}

func (l Link) isSwarm() bool { return l >= Singles }

// Device is the name of our end.
func (l Link) Device() string { return fmt.Sprintf("seatrial-%d", int(l)) }

// Subnet has all its addresses: our end, Near, the other one, Far, and those of
// the nodes, if it is a swarm's.
func (l Link) Subnet() netip.Prefix {
	if l.isSwarm() {
		return netip.PrefixFrom(l.address(0), 26)
	}
	return l.Ends()
}

// Ends is the subnet of Near and Far alone.
func (l Link) Ends() netip.Prefix { return netip.PrefixFrom(l.address(0), 30) }
func (l Link) Near() netip.Addr   { return l.address(1) }
func (l Link) Far() netip.Addr    { return l.address(2) }

// Nodes is the number of nodes that a swarm has addresses for.
const Nodes = 4*perSwarm - 4

// Node is the address of a swarm's node, counted from 0.
func (l Link) Node(n int) netip.Addr { return l.address(4 + n) }

func (l Link) address(n int) netip.Addr {
	at := int(l)<<2 + n
	return netip.AddrFrom4([4]byte{198, byte(18 + at>>16), byte(at >> 8), byte(at)})
}

// Rules are the arguments of iptables for the way out of what is behind the link:
// op is -I or -D. The name in them says whose they are.
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
