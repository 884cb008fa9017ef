// SPDX-License-Identifier: Apache-2.0

package lease

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// An Item is one thing that can be leased. Its form is that of the label.
type Item string

const (
	portItem   = "port/"
	subnetItem = "subnet/"
	lockItem   = "lock/"
)

// Port is the item of a port number, for all protocols and addresses.
func Port(number int) Item { return Item(portItem + strconv.Itoa(number)) }

// Subnet is the item of a range of addresses.
func Subnet(p netip.Prefix) Item { return Item(subnetItem + p.Masked().String()) }

// Lock is the item of a name.
func Lock(name string) Item { return Item(lockItem + url.PathEscape(name)) }

// String names it for people.
func (i Item) String() string {
	kind, rest, _ := strings.Cut(string(i), "/")
	if name, err := url.PathUnescape(rest); err == nil {
		rest = name
	}
	return kind + " " + rest
}

func (i Item) prefix() (netip.Prefix, bool) {
	rest, ok := strings.CutPrefix(string(i), subnetItem)
	p, err := netip.ParsePrefix(rest)
	return p, ok && err == nil
}

// Format writes items as the value of a label, and Parse reads them.
func Format(items []Item) string {
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = string(item)
	}
	return strings.Join(words, ",")
}

// Parse reads what Format has written.
func Parse(label string) []Item {
	var items []Item
	for word := range strings.SplitSeq(label, ",") {
		if word != "" {
			items = append(items, Item(word))
		}
	}
	return items
}

// A Board is what is leased on an engine.
type Board[Holder any] struct {
	holders map[Item]Holder
	subnets []netip.Prefix
}

// Add says that somebody holds these items.
func (b *Board[H]) Add(holder H, items []Item) {
	if b.holders == nil {
		b.holders = map[Item]H{}
	}
	for _, item := range items {
		b.holders[item] = holder
		if p, ok := item.prefix(); ok {
			b.subnets = append(b.subnets, p)
		}
	}
}

// Holder returns who holds one of the items, or a range that overlaps with it.
func (b *Board[H]) Holder(items []Item) (item Item, holder H, held bool) {
	for _, item := range items {
		if holder, held := b.holders[item]; held {
			return item, holder, true
		}
		if p, ok := item.prefix(); ok {
			for _, other := range b.subnets {
				if other.Overlaps(p) {
					return item, b.holders[Subnet(other)], true
				}
			}
		}
	}
	return "", holder, false
}

// Ports are leased from this range: below what Linux and Docker choose from by
// themselves, unless the machine is set up in another way, and above what services
// are usually found at.
const firstPort, lastPort = 20000, 29999

// Port chooses a number that nobody has leased and that is not in use. The
// ephemeral range of the kernel, if it is known, is avoided.
func (b *Board[H]) Port(ephemeral [2]int, inUse func(number int) bool) (int, error) {
	const count = lastPort - firstPort + 1
	start := rand.IntN(count) // who comes at the same time looks elsewhere
	all := ephemeral[0] <= firstPort && ephemeral[1] >= lastPort
	for i := range count {
		n := firstPort + (start+i)%count
		if !all && n >= ephemeral[0] && n <= ephemeral[1] {
			continue
		}
		if _, held := b.holders[Port(n)]; !held && !inUse(n) {
			return n, nil
		}
	}
	return 0, fmt.Errorf("no port from %d to %d is free", firstPort, lastPort)
}

// Pools from which ranges are leased. The first is for tests of network devices
// (RFC 2544), and the least likely to be in use; the others are private.
var (
	smallPool = netip.MustParsePrefix("198.18.0.0/15")
	largePool = netip.MustParsePrefix("10.0.0.0/8")
	sixPool   = netip.MustParsePrefix("fd00::/8")
)

// manyTries are more than it takes unless a pool is nearly used up.
const manyTries = 2000

// Subnet chooses a range of a size that overlaps with none that is leased, and
// with none of those that are in use.
func (b *Board[H]) Subnet(bits int, is4 bool, inUse []netip.Prefix) (netip.Prefix, error) {
	pool := sixPool
	if is4 {
		if pool = largePool; bits >= 20 {
			pool = smallPool
		}
	}
	if bits <= pool.Bits() {
		return netip.Prefix{}, fmt.Errorf("a range as large as /%d cannot be leased: at most a part of %s", bits, pool)
	}
	for range manyTries {
		p := within(pool, bits)
		if overlaps(p, b.subnets) || overlaps(p, inUse) {
			continue
		}
		return p, nil
	}
	return netip.Prefix{}, fmt.Errorf("no range of the size /%d is free in %s", bits, pool)
}

func overlaps(p netip.Prefix, others []netip.Prefix) bool {
	for _, other := range others {
		if other.Overlaps(p) {
			return true
		}
	}
	return false
}

// within returns a random range in a pool.
func within(pool netip.Prefix, bits int) netip.Prefix {
	bytes := pool.Masked().Addr().AsSlice()
	for i := pool.Bits(); i < bits; i++ {
		if rand.IntN(2) == 1 {
			bytes[i/8] |= 0x80 >> (i % 8)
		}
	}
	addr, _ := netip.AddrFromSlice(bytes)
	return netip.PrefixFrom(addr, bits)
}
