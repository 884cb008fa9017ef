// SPDX-License-Identifier: Apache-2.0

package lease

import (
	"net/netip"
	"slices"
	"testing"
)

func TestLabel(t *testing.T) {
	items := []Item{Port(21000), Subnet(netip.MustParsePrefix("198.18.3.9/24")), Lock("device:/dev/tty,S 0")}
	if got := Parse(Format(items)); !slices.Equal(got, items) {
		t.Errorf("Parse(Format(%q)) = %q", items, got)
	}
	for i, want := range []string{"port 21000", "subnet 198.18.3.0/24", "lock device:/dev/tty,S 0"} {
		if got := items[i].String(); got != want {
			t.Errorf("String() = %q, want %q", got, want)
		}
	}
	if got := Parse(""); got != nil {
		t.Errorf("Parse of nothing = %q", got)
	}
}

func TestHolder(t *testing.T) {
	var b Board[string]
	b.Add("one", []Item{Port(21000), Lock("host-network")})
	b.Add("two", Parse("subnet/198.18.0.0/20"))
	tests := []struct {
		item Item
		want string
	}{
		{Port(21000), "one"}, {Port(2100), ""}, {Lock("host-network"), "one"}, {Lock("device:/dev/ttyS0"), ""},
		{Subnet(netip.MustParsePrefix("198.18.3.0/24")), "two"}, {Subnet(netip.MustParsePrefix("198.18.0.0/16")), "two"},
		{Subnet(netip.MustParsePrefix("198.18.16.0/24")), ""},
	}
	for _, test := range tests {
		_, got, held := b.Holder([]Item{Lock("another"), test.item})
		if got != test.want || held != (test.want != "") {
			t.Errorf("Holder(%s) = %q, %v; want %q", test.item, got, held, test.want)
		}
	}
}

func TestPort(t *testing.T) {
	var b Board[string]
	for n := firstPort; n <= lastPort; n++ {
		if n != 25000 && n != 25001 && n != 28000 {
			b.Add("others", []Item{Port(n)})
		}
	}
	got, err := b.Port([2]int{27000, 60999}, func(n int) bool { return n == 25001 })
	if got != 25000 || err != nil { // the others are leased, in use, and ephemeral
		t.Errorf("Port() = %d, %v; want 25000", got, err)
	}
	b.Add("me", []Item{Port(25000)})
	if got, err := b.Port([2]int{27000, 60999}, func(n int) bool { return n == 25001 }); err == nil {
		t.Errorf("Port() = %d with none left", got)
	}
	if got, err := b.Port([2]int{1024, 65535}, func(n int) bool { return n == 25001 }); got != 28000 || err != nil {
		t.Errorf("Port() on a machine whose ephemeral range is everything = %d, %v; want 28000", got, err)
	}
}

func TestSubnet(t *testing.T) {
	inUse := []netip.Prefix{netip.MustParsePrefix("198.18.0.0/16")}
	var b Board[string]
	for range 200 { // of 256 that are left
		p, err := b.Subnet(24, true, inUse)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, held := b.Holder([]Item{Subnet(p)}); held || p.Bits() != 24 || !smallPool.Contains(p.Addr()) || inUse[0].Overlaps(p) || p != p.Masked() {
			t.Fatalf("Subnet() = %s", p)
		}
		b.Add("me", []Item{Subnet(p)})
	}
	for bits, pool := range map[int]netip.Prefix{28: smallPool, 16: largePool, 12: largePool} {
		if p, err := b.Subnet(bits, true, nil); err != nil || p.Bits() != bits || !pool.Contains(p.Addr()) {
			t.Errorf("Subnet(%d) = %s, %v; want one in %s", bits, p, err, pool)
		}
	}
	if p, err := b.Subnet(64, false, nil); err != nil || p.Bits() != 64 || !sixPool.Contains(p.Addr()) {
		t.Errorf("Subnet(64) = %s, %v", p, err)
	}
	if p, err := b.Subnet(8, true, nil); err == nil {
		t.Errorf("Subnet(8) = %s, want an error", p)
	}
	if p, err := b.Subnet(24, true, []netip.Prefix{smallPool}); err == nil {
		t.Errorf("Subnet(24) = %s with none left", p)
	}
}
