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
// planned, or refused with positions and, where that can be, with the ways out:
// taken by their word, these lead to a plan. What is planned was reloaded on the
// way; docker itself reads it, too, with no other differences than the edits. Two
// copies have nothing in common but what the plan tells.
func TestStackCorpus(t *testing.T) {
	root := os.Getenv("SEATRIAL_CORPUS")
	if root == "" {
		t.Skip("SEATRIAL_CORPUS names no directory with real files")
	}
	installed := exec.Command("docker", "stack", "config", "--help").Run() == nil && !testing.Short()
	outcomes, isolated, settled := map[string]int{}, map[string]int{}, map[string]int{}
	rules, needs, stuck := map[string]int{}, map[string]int{}, map[string]int{}
	files, rejected := 0, 0
	var times []time.Duration
	for _, row := range readIndex(t, filepath.Join(root, "index.tsv")) {
		if row["stack_style"] != "1" {
			continue
		}
		files++
		s := spec.Stack{Files: []string{filepath.Join(root, row["file"])}}
		o := StackOptions{Base: map[string]string{"HOME": "/home/somebody"}, Read: orEmpty}
		start := time.Now()
		plan, err := Stack(context.Background(), s, o)
		times = append(times, time.Since(start))
		outcome, why := stackOutcome(t, row["file"], plan, err)
		if installed && outcome == "unreadable" && stackConfigAccepts(s.Files[0]) {
			t.Errorf("%s: docker stack config reads it, but: %v", row["file"], err)
		}
		if isRejected(outcome, why) {
			rejected++
			tally(stuck, why)
			continue
		}
		outcomes[outcome]++
		tally(needs, why)
		if plan != nil {
			count(rules, &plan.Plan)
		}
		s.Isolate = true
		plan, err = Stack(context.Background(), s, o)
		outcome, _ = stackOutcome(t, row["file"], plan, err)
		isolated[outcome]++
		for range 3 { // what a variable stands for may need another decision
			var refused *RefusedError
			if errors.As(err, &refused) {
				settle(t, &s, refused)
				plan, err = Stack(context.Background(), s, o)
			}
		}
		outcome, why = stackOutcome(t, row["file"], plan, err)
		settled[outcome]++
		tally(stuck, why)
		if err != nil {
			t.Logf("%s: still: %v", row["file"], err)
			continue
		}
		t.Run(row["file"], func(t *testing.T) {
			if installed {
				compareStack(t, plan)
			}
			for _, claim := range commonOfStack(t, plan) {
				if !told(plan, claim) {
					t.Errorf("two copies have %s in common, and the plan does not tell", claim)
				}
			}
		})
	}
	for _, part := range []struct {
		title string
		of    map[string]int
	}{
		{"with defaults", outcomes}, {"refused for", needs}, {"with Isolate", isolated}, {"with Isolate, and the first way of each refusal", settled},
		{"still refused for", stuck}, {"rules", rules},
	} {
		t.Logf("%s:", part.title)
		for _, k := range slices.Sorted(maps.Keys(part.of)) {
			t.Logf("%4d  %4.1f %%  %s", part.of[k], 100*float64(part.of[k])/float64(files-rejected), k)
		}
	}
	taken := float64(files - rejected)
	byDefault, preset := 100*float64(outcomes["refused"])/taken, 100*float64(isolated["refused"])/taken
	t.Logf("%d files, %d of which docker stack deploy does not take; of the others %.1f %% need a decision by default, %.1f %% with Isolate", files, rejected, byDefault, preset)
	if byDefault > 60 || preset > 30 { // most of the rest mount the engine's socket, about which nobody can decide for the user
		t.Errorf("%.1f and %.1f %% need a decision, want at most 60 and 30", byDefault, preset)
	}
	slices.Sort(times)
	t.Logf("%d files, median %v, 99th percentile %v", files, times[len(times)/2], times[len(times)*99/100])
}

// isRejected tells whether docker stack deploy takes a file no better.
func isRejected(outcome string, why []string) bool {
	return outcome == "unreadable" || slices.ContainsFunc(why, func(rule string) bool {
		return slices.Contains([]string{"format", "required-variable", "undefined", "image-missing"}, rule)
	})
}

func tally(m map[string]int, keys []string) {
	for _, k := range keys {
		m[k]++
	}
}

// settle puts the first way of each refusal into the spec.
func settle(t *testing.T, s *spec.Stack, refused *RefusedError) {
	t.Helper()
	given := filepath.Join(t.TempDir(), "given")
	if err := os.WriteFile(given, []byte("given"), 0o666); err != nil {
		t.Fatal(err)
	}
	put := func(m *map[string]string, w Fix) {
		if *m == nil {
			*m = map[string]string{}
		}
		(*m)[w.Key] = strings.NewReplacer("FILE", given, "VALUE", "1").Replace(w.Value)
	}
	for _, w := range refused.ways() {
		switch w.Field {
		case "Env":
			put(&s.Env, w)
		case "Networks":
			put(&s.Networks, w)
		case "Volumes":
			put(&s.Volumes, w)
		case "Secrets":
			put(&s.Secrets, w)
		case "Configs":
			put(&s.Configs, w)
		case "Paths":
			put(&s.Paths, w)
		case "Allow":
			s.Allow = append(s.Allow, w.Key)
		case "Lock":
			s.Lock = append(s.Lock, w.Key)
		default:
			t.Errorf("a way that the test does not know: %s", w)
		}
	}
}

// told tells whether a finding or a lock is about something that copies share.
func told(plan *StackPlan, claim string) bool {
	_, name, _ := strings.Cut(claim, " ")
	return slices.ContainsFunc(plan.Leases.Locks, func(l Lock) bool { return strings.HasPrefix(l.Name, name) }) ||
		slices.ContainsFunc(plan.Findings, func(f Finding) bool { return strings.Contains(f.What, filepath.Base(name)) })
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

// stackConfigAccepts asks the installed docker.
func stackConfigAccepts(file string) bool {
	cmd := exec.Command("docker", "stack", "config", "-c", file)
	cmd.Env = []string{"HOME=/home/somebody", "PATH=" + os.Getenv("PATH")}
	return cmd.Run() == nil
}
