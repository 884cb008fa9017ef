// SPDX-License-Identifier: Apache-2.0

package outside

import (
	"fmt"
	"net/netip"
)

// A Link is the pair of virtual network devices between this machine and an engine,
// or the switch of a swarm. Its names and addresses follow from its number.
//
// Its addresses are in 198.18.0.0/15, which RFC 2544 reserves for tests: no real
// network has them, and neither Docker nor Swarm uses them by default. The device's
// name is a lease: the kernel refuses a second device of that name, and frees it
// when the network at the other end is gone.
type Link int

// Numbers of links. Those from 1 to Singles-1 are for engines; the rest are for
// swarms, each of which takes several, so that it has addresses for its nodes.
const (
	Singles = 1 << 14
	Swarms  = Singles / perSwarm

	perSwarm = 16
	links    = 2 * Singles
)

// OfSwarm returns the link of a swarm, numbered from 0 to Swarms-1.
func OfSwarm(n int) Link { return Link(Singles + n*perSwarm) }

func (l Link) valid() bool {
	return 0 <= l && l < Singles || l.isSwarm() && l < links && l%perSwarm == 0
}

func (l Link) isSwarm() bool { return l >= Singles }

// Device returns the name of this machine's end.
func (l Link) Device() string { return fmt.Sprintf("seatrial-%d", int(l)) }

// Subnet contains all its addresses: Near, this machine's end; Far, the other end;
// and those of the nodes of a swarm.
func (l Link) Subnet() netip.Prefix {
	if l.isSwarm() {
		return netip.PrefixFrom(l.address(0), 26)
	}
	return l.Ends()
}

// Ends is the subnet of only Near and Far.
func (l Link) Ends() netip.Prefix { return netip.PrefixFrom(l.address(0), 30) }
func (l Link) Near() netip.Addr   { return l.address(1) }
func (l Link) Far() netip.Addr    { return l.address(2) }

// Nodes is the number of nodes for which a swarm has addresses.
const Nodes = 4*perSwarm - 4

// Node returns the address of a swarm's node, counted from 0.
func (l Link) Node(n int) netip.Addr { return l.address(4 + n) }

func (l Link) address(n int) netip.Addr {
	at := int(l)<<2 + n
	return netip.AddrFrom4([4]byte{198, byte(18 + at>>16), byte(at >> 8), byte(at)})
}

// Rules returns the arguments of iptables that let the far end reach other
// networks: op is -I or -D. The name in them identifies their owner.
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
