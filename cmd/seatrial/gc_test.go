// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/engine"
	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/sweep"
)

// What only seatrial knows the kind of is said in words.
func TestKindsAreWords(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := printCollected(&out, gcFlags{dryRun: true}, []collected{{Kind: owner.Use, Name: "seatrial-use-a", Remove: true, Reason: "its process has ended"}, {Kind: owner.Volume, Name: "v"}}, true); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"would remove note of use seatrial-use-a", "would leave volume v"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, out.String())
		}
	}
}

// What is told of each object, and in the end.
func TestPrintCollected(t *testing.T) {
	t.Parallel()
	all := []collected{
		{Kind: "container", Name: "a", Run: "r", Test: "TestA", Remove: true, Removed: true, Reason: "x"}, {Kind: "volume", Name: "b", Run: "r", Remove: true, Reason: "y"}, {Kind: "network", Name: "c", Reason: "z"},
	}
	for _, test := range []struct {
		dry  bool
		of   []collected
		want string
	}{
		{false, all, "removed container a (run r, TestA): x\nleft volume b (run r): y\n1 removed\n"},
		{false, all[1:2], "left volume b (run r): y\n0 removed\n"},
		{false, all[:1], "removed container a (run r, TestA): x\n1 removed\n"},
		{false, all[2:], "nothing to remove\n"},
		{true, all[1:], "would remove volume b (run r): y\nwould leave network c: z\n1 to remove\n"},
		{true, nil, "0 to remove\n"},
	} {
		for _, all := range []bool{true, false} {
			want := test.want
			if !all && (want == "nothing to remove\n" || want == "0 to remove\n") {
				want = "" // an engine that does not answer has been asked nothing
			}
			var out strings.Builder
			if err := printCollected(&out, gcFlags{dryRun: test.dry}, test.of, all); err != nil || out.String() != want {
				t.Errorf("with --dry-run=%t, and all looked at=%t, it prints\n%s\n%v, want\n%s", test.dry, all, out.String(), err, want)
			}
		}
	}
}

// gc --run removes what is kept of a run, and what that is using only with --yes: where it is
// using all, that is said.
func TestOfOneRun(t *testing.T) {
	t.Parallel()
	object := func(verdict owner.Verdict, run string, kept bool) sweep.Found {
		return sweep.Found{Object: engine.Object{Name: "web"}, Kind: owner.Container, Verdict: verdict, Why: "its process lives", Kept: kept, Tuple: owner.Tuple{Run: run}}
	}
	used, kept, others := object(owner.Living, "aaaaaaaa", false), object(owner.Living, "aaaaaaaa", true), object(owner.Living, "bbbbbbbb", true)
	for _, test := range []struct {
		flags   gcFlags
		of      sweep.Found
		selects bool
		refused bool // if there is nothing else
	}{
		{gcFlags{run: "aaaaaaaa"}, used, false, true},
		{gcFlags{run: "aaaaaaaa", dryRun: true}, used, false, false},
		{gcFlags{run: "aaaaaaaa", yes: true}, used, true, false},
		{gcFlags{run: "aaaaaaaa"}, kept, true, false},
		{gcFlags{run: "aaaaaaaa", yes: true}, others, false, false},
		{gcFlags{run: "aaaaaaaa"}, object(owner.Dead, "aaaaaaaa", false), true, false},
		{gcFlags{run: "aaaaaaaa", yes: true}, object(owner.NotOurs, "aaaaaaaa", true), false, false},
		{gcFlags{}, used, false, false},
		{gcFlags{}, object(owner.Living, "", true), false, false},
	} {
		if got := test.flags.selects(test.of); got != test.selects {
			t.Errorf("%+v selects %+v: %t, want %t", test.flags, test.of, got, test.selects)
		}
		err := test.flags.mind([]sweep.Found{test.of})
		if (err != nil) != test.refused || err != nil && !strings.Contains(err.Error(), "run aaaaaaaa may be using container web: its process lives\nhint: --yes removes it all the same") {
			t.Errorf("%+v, with %+v alone: %v", test.flags, test.of, err)
		}
		if err := test.flags.mind([]sweep.Found{test.of, kept}); test.flags.run != "" && err != nil {
			t.Errorf("%+v, where something is kept: %v", test.flags, err)
		}
	}
}

// gc --all removes objects of tests on this machine, and leaves living environments to seatrial
// down.
func TestAllLeavesEnvironments(t *testing.T) {
	t.Parallel()
	f := gcFlags{all: true, yes: true}
	for scope, want := range map[string]bool{owner.NewID(): true, owner.NewSharedScope(): true, owner.NewEnvironmentScope(): false} {
		o := sweep.Found{Kind: owner.Container, Verdict: owner.Living, Tuple: owner.Tuple{Scope: scope, Process: process.Self()}}
		if got := f.selects(o); got != want {
			t.Errorf("scope %s: selected = %v, want %v", scope, got, want)
		}
		o.Verdict = owner.Dead
		if !f.selects(o) {
			t.Errorf("scope %s: dead objects stay", scope)
		}
		o.Verdict, o.Tuple.Process.Boot = owner.Living, "another"
		if f.selects(o) {
			t.Errorf("scope %s: selected is what a process of another machine uses", scope)
		}
	}
}
