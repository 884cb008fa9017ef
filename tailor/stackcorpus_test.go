// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/spec"
)

// Case 91, for stacks: every file of a corpus that is meant for a swarm is
// planned, or refused with positions, or unreadable as docker stack config finds
// it, too. What is planned was reloaded on the way.
func TestStackCorpus(t *testing.T) {
	root := os.Getenv("SEATRIAL_CORPUS")
	if root == "" {
		t.Skip("SEATRIAL_CORPUS names no directory with real files")
	}
	outcomes, isolated, rules, needs := map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}
	files := 0
	var times []time.Duration
	for _, row := range readIndex(t, filepath.Join(root, "index.tsv")) {
		if row["stack_style"] != "1" {
			continue
		}
		files++
		s := spec.Stack{Files: []string{filepath.Join(root, row["file"])}}
		o := StackOptions{Base: map[string]string{"HOME": "/home/somebody"}}
		start := time.Now()
		plan, err := Stack(context.Background(), s, o)
		times = append(times, time.Since(start))
		outcome, why := stackOutcome(t, row["file"], plan, err)
		outcomes[outcome]++
		for _, rule := range why {
			needs[rule]++
		}
		if plan != nil {
			count(rules, &plan.Plan)
		}
		accepted, said := stackConfigAccepts(s.Files[0])
		if outcome == "unreadable" {
			t.Logf("%s: %v", row["file"], err)
			if accepted {
				t.Errorf("%s: docker stack config reads it", row["file"])
			}
		} else if err == nil && !accepted && said != "" {
			t.Logf("%s: planned, but docker stack config says %s", row["file"], said)
		}
		s.Isolate = true
		s.Allow = []string{"docker-socket", "system-directory", "host-network"}
		plan, err = Stack(context.Background(), s, o)
		outcome, _ = stackOutcome(t, row["file"], plan, err)
		isolated[outcome]++
	}
	for _, part := range []struct {
		title string
		of    map[string]int
	}{{"with defaults", outcomes}, {"with Isolate, and sockets, system directories and the host's network allowed", isolated}, {"refused for", needs}, {"rules", rules}} {
		t.Logf("%s:", part.title)
		for _, k := range slices.Sorted(maps.Keys(part.of)) {
			t.Logf("%4d  %4.1f %%  %s", part.of[k], 100*float64(part.of[k])/float64(files), k)
		}
	}
	slices.Sort(times)
	t.Logf("%d files, median %v, 99th percentile %v", files, times[len(times)/2], times[len(times)*99/100])
}

// stackOutcome sorts a result and fails the test if it may not be.
func stackOutcome(t *testing.T, file string, plan *StackPlan, err error) (outcome string, why []string) {
	t.Helper()
	var re *RefusedError
	var rd *ReadError
	var be *bugError
	switch {
	case errors.As(err, &be):
		t.Errorf("%s: %v", file, err)
		return "our bug", nil
	case errors.As(err, &re):
		for _, f := range re.Findings {
			if f.Line == 0 || f.Column == 0 {
				t.Errorf("%s: refusal without a place: %s", file, f)
			}
			why = append(why, f.Rule)
		}
		slices.Sort(why)
		return "refused", slices.Compact(why)
	case errors.As(err, &rd):
		if rd.Line == 0 {
			t.Errorf("%s: unreadable without a place: %v", file, err)
		}
		return "unreadable", nil
	case err != nil:
		t.Errorf("%s: %v", file, err)
		return "other error", nil
	}
	for _, e := range plan.Edits {
		if e.Line == 0 || e.Column == 0 {
			t.Errorf("%s: edit without a place: %s", file, e)
		}
	}
	for _, f := range plan.Findings {
		if f.Line == 0 || f.Column == 0 {
			t.Errorf("%s: finding without a place: %s", file, f)
		}
	}
	if len(plan.Edits) == 0 {
		return "clean", nil
	}
	return "planned", nil
}

// stackConfigAccepts asks the installed docker, if there is one.
func stackConfigAccepts(file string) (ok bool, said string) {
	cmd := exec.Command("docker", "stack", "config", "-c", file)
	cmd.Env = []string{"HOME=/home/somebody", "PATH=" + os.Getenv("PATH")}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	err := cmd.Run()
	return err == nil, strings.TrimSpace(stderr.String())
}
