// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a peer returns before it has come is no time, and has no ratio.
func TestTableOfWhatCameTooEarly(t *testing.T) {
	runs := func(values ...float64) (all []sample) {
		for _, v := range values {
			all = append(all, sample{{"port", v}})
		}
		return all
	}
	r := &result{Work: "a wait", Unit: "ms", Sides: []measured{{Who: "ours", Runs: runs(2, 2, 2)}, {Who: "always", Runs: runs(-300, -310, -320)}, {Who: "once", Runs: runs(4, 4, -300)}}}
	got := r.table("wait")
	for _, want := range []string{"| port | always | 310 too early |  |\n", "| port | once | 4.00 (-148 to 4.00); 1 too early | **0.50** |\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

// A row that was measured in a fresh checkout is not all there is to say.
func TestPageOfAPartIsNotWritten(t *testing.T) {
	results, file := t.TempDir(), filepath.Join(t.TempDir(), "docs", "performance.md")
	r := &result{Work: "a wait", Sides: []measured{{Who: "ours", Runs: []sample{{{"port", 2}}}}}}
	if err := r.keep(filepath.Join(results, "wait.json")); err != nil {
		t.Fatal(err)
	}
	if err := writePage(t.Context(), file, results); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("it was written: %v", err)
	}
}
