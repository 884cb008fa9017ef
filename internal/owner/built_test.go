// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"strings"
	"testing"
	"time"
)

func TestBuilt(t *testing.T) {
	key := []byte("0123456789abcdef")
	ref := Built("api", key)
	if ref != "localhost/seatrial/api:30313233343536373839" {
		t.Errorf("Built = %q", ref)
	}
	day := time.Date(2026, 3, 9, 23, 0, 0, 0, time.FixedZone("", -3600*4)) // the 10th in UTC
	second := UsedTag(ref, day)
	if _, tag, _ := strings.Cut(second, ":"); len(tag) > 128 {
		t.Errorf("the tag %q is too long", tag)
	}
	tests := []struct {
		name, ref string
		day       string
		ok        bool
	}{
		{ref, ref, "", true},
		{second, ref, "2026-03-10", true},
		{"localhost/seatrial/api:commit-abcdefgh", "", "", false},
		{Building("api", Tuple{Run: "abcdefgh"}), "", "", false},
		{"localhost/seatrial/api:30313233343536373839-used-2026", "", "", false},
		{"localhost/other/api:30313233343536373839", "", "", false},
		{"localhost/seatrial/api:3031323334353637383", "", "", false},
		{"localhost/seatrial/api", "", "", false},
	}
	for _, test := range tests {
		got, last, ok := ReadBuilt(test.name)
		text := ""
		if !last.IsZero() {
			text = last.Format(time.DateOnly)
		}
		if got != test.ref || text != test.day || ok != test.ok {
			t.Errorf("ReadBuilt(%q) = %q, %q, %v, want %q, %q, %v", test.name, got, text, ok, test.ref, test.day, test.ok)
		}
	}
}
