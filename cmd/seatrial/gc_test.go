// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/seatrial/seatrial/internal/owner"
	"github.com/seatrial/seatrial/internal/process"
	"github.com/seatrial/seatrial/internal/sweep"
)

// What only seatrial knows the kind of is said in words.
func TestKindsAreWords(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := printCollected(&out, gcFlags{dryRun: true}, []collected{{Kind: owner.Use, Name: "seatrial-use-a", Remove: true, Reason: "its process has ended"}, {Kind: owner.Volume, Name: "v"}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"would remove note of use seatrial-use-a", "would leave volume v"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks %q:\n%s", want, out.String())
		}
	}
}

// gc --all removes objects of tests, and leaves living environments to seatrial down.
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
	}
}
