// SPDX-License-Identifier: Apache-2.0

package main

import "testing"

func TestKeeps(t *testing.T) {
	r := &result{Sides: []measured{
		{Who: "ours", Runs: []sample{{{"ready", 10}}, {{"ready", 12}}, {{"ready", 50}}}},
		{Who: "theirs", Runs: []sample{{{"ready", 10}}, {{"ready", 10}}, {{"ready", 10}}}},
		{Who: "broken", Failed: "no such image"},
	}}
	for _, c := range []struct {
		g    guard
		want string
	}{
		{guard{"ready", "theirs", 1.3}, ""},
		{guard{"ready", "theirs", 1.1}, "ready takes 1.20 of what theirs takes, where 1.10 is the most that make test lets pass"},
		{guard{"gone", "theirs", 1.3}, "nothing was measured of gone, theirs: "},
		{guard{"ready", "broken", 1.3}, "nothing was measured of ready, broken: no such image"},
		{guard{"ready", "nobody", 1.3}, `there is no side "nobody"`},
	} {
		got := ""
		if err := r.keeps(c.g); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c.g, got, c.want)
		}
	}
}

// A bound that is high enough always holds. (A side or a figure that no longer exists fails when
// it is measured.)
func TestGuards(t *testing.T) {
	n := 0
	for _, r := range rows() {
		for _, g := range r.guards {
			n++
			if g.most <= 0 || g.most > 2 {
				t.Errorf("row %s: a ratio of %v says nothing", r.name, g.most)
			}
		}
	}
	if n < 4 {
		t.Errorf("there are %d guards", n)
	}
}
