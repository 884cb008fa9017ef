// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seatrial/seatrial/spec"
)

// Case 91: every file of a corpus of real ones is planned or refused with
// positions, and what is planned reloads to exactly the planned model, which
// Compose itself checks; and two copies of it share nothing. The corpus is a
// directory with an index.tsv, whose columns named class, stack_style and file
// are used.
//
// The files come without their .env and env files: those are taken to be there,
// and variables that have no value are given one.
func TestCorpus(t *testing.T) {
	root := os.Getenv("SEATRIAL_CORPUS")
	if root == "" {
		t.Skip("SEATRIAL_CORPUS names no directory with real files")
	}
	rows := readIndex(t, filepath.Join(root, "index.tsv"))
	outcomes, rules := map[string]int{}, map[string]int{}
	var styled shares
	var times []time.Duration
	for _, row := range rows {
		p := spec.Project{Files: []string{filepath.Join(root, row["file"])}}
		start := time.Now()
		plan, err := Compose(context.Background(), p, Options{Base: corpusEnv})
		if err == nil {
			times = append(times, time.Since(start))
		}
		outcome := outcomeOf(t, row["file"], plan, err)
		group := row["class"]
		if row["stack_style"] == "1" {
			group += " stack"
		}
		outcomes[group+": "+outcome]++
		p.Env = blanks(plan)
		plan, err = Compose(context.Background(), p, Options{Base: corpusEnv, Read: orEmpty})
		outcome = outcomeOf(t, row["file"], plan, err)
		if group == "shipped" {
			if plan != nil {
				count(rules, plan)
			}
			p.Isolate = true
			preset, perr := Compose(context.Background(), p, Options{Base: corpusEnv, Read: orEmpty})
			styled.add(outcome, outcomeOf(t, row["file"], preset, perr))
			checkShared(t, row["file"], preset, perr)
		}
		checkShared(t, row["file"], plan, err)
	}
	for _, m := range []map[string]int{outcomes, rules} {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			t.Logf("%4d  %s", m[k], k)
		}
	}
	styled.report(t)
	slices.Sort(times)
	t.Logf("%d files; of those planned, median %v, 99th percentile %v", len(rows), times[len(times)/2], times[len(times)*99/100])
}

var corpusEnv = map[string]string{"HOME": "/home/somebody"}

// orEmpty reads files as if those that are missing were empty.
func orEmpty(name string) ([]byte, error) {
	content, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return content, err
}

// checkShared compares two copies of what was planned, by means that know
// nothing of the rules.
func checkShared(t *testing.T, file string, plan *Plan, err error) {
	t.Helper()
	off := func(f Finding) bool { return strings.HasPrefix(f.Reason, "refused once") } // and common looks at all services
	if err != nil || slices.ContainsFunc(plan.Findings, off) {
		return
	}
	for _, c := range common(t, plan) {
		if !harmless(c) {
			t.Errorf("%s: two copies share %s", file, c)
		}
	}
}

// harmless tells whether everybody may have it at once.
func harmless(claim string) bool {
	for _, suffix := range []string{
		" /etc/localtime", " /etc/timezone", " /etc/machine-id", " /etc/hostname", " /etc/resolv.conf", " /dev/null", " /dev/urandom",
		" /dev/net/tun", " /dev/fuse", " /dev/kvm",
	} {
		if strings.HasSuffix(claim, suffix) {
			return true
		}
	}
	return strings.HasPrefix(claim, "device /dev/dri")
}

// permitted are the reasons for which the user has to decide.
var permitted = []string{
	"external-network", "absolute-path", "system-directory", "host-network", "docker-socket", "device", "external-secret",
	"container-reference", "external-volume", "image-name", "network-driver", "self-collision", // one or two files each
}

// shares are the outcomes of files in Compose's style.
type shares struct {
	total, rejected         int
	plain, preset           map[string]int
	plainRefused, presetRef int
}

func (s *shares) add(plain, preset string) {
	if s.plain == nil {
		s.plain, s.preset = map[string]int{}, map[string]int{}
	}
	s.total++
	for _, own := range []string{"unreadable", "format", "required-variable"} { // Compose takes them no better
		if strings.Contains(plain, own) {
			s.rejected++
			return
		}
	}
	s.plain[plain]++
	s.preset[preset]++
	if strings.HasPrefix(plain, "refused") {
		s.plainRefused++
	}
	if strings.HasPrefix(preset, "refused") {
		s.presetRef++
	}
}

func (s *shares) report(t *testing.T) {
	t.Helper()
	n := s.total - s.rejected
	if n == 0 {
		return
	}
	t.Logf("%d shipped files in Compose's style, %d of which Compose does not take", s.total, s.rejected)
	percent := func(k int) float64 { return 100 * float64(k) / float64(n) }
	for _, part := range []struct {
		name  string
		m     map[string]int
		k     int
		limit float64
	}{{"by default", s.plain, s.plainRefused, 20}, {"with Isolate", s.preset, s.presetRef, 13}} {
		t.Logf("%s, %.1f %% need a decision", part.name, percent(part.k))
		for _, k := range slices.Sorted(maps.Keys(part.m)) {
			for _, why := range strings.Split(strings.TrimPrefix(k, "refused: "), ", ") {
				if strings.HasPrefix(k, "refused") && !slices.Contains(permitted, why) {
					t.Errorf("%s, %s is a reason", part.name, why)
				}
			}
			t.Logf("%6.1f %%  %4d  %s", percent(part.m[k]), part.m[k], k)
		}
		if percent(part.k) > part.limit {
			t.Errorf("%s, %.1f %% need a decision, want at most %.0f", part.name, percent(part.k), part.limit)
		}
	}
}

// outcomeOf sorts a result and fails the test if it may not be.
func outcomeOf(t *testing.T, file string, plan *Plan, err error) string {
	t.Helper()
	var re *RefusedError
	var rd *ReadError
	var be *bugError
	switch {
	case errors.As(err, &be):
		t.Errorf("%s: %v", file, err)
		return "our bug"
	case errors.As(err, &re):
		var why []string
		for _, f := range re.Findings {
			if f.Line == 0 || f.Column == 0 {
				t.Errorf("%s: refusal without a place: %s", file, f)
			}
			why = append(why, f.Rule)
		}
		slices.Sort(why)
		return "refused: " + strings.Join(slices.Compact(why), ", ")
	case errors.As(err, &rd):
		return "unreadable"
	case err != nil:
		t.Errorf("%s: %v", file, err)
		return "other error"
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
	warned := slices.ContainsFunc(plan.Findings, func(f Finding) bool { return f.Severity == Warning })
	switch {
	case warned:
		return "planned, with warnings"
	case len(plan.Edits) > 0:
		return "planned"
	}
	return "clean"
}

// blanks returns a value for each variable that has none.
func blanks(plan *Plan) map[string]string {
	env := map[string]string{}
	if plan != nil {
		for _, f := range plan.Findings {
			if name, ok := strings.CutPrefix(f.What, "variable "); ok {
				name, _, _ = strings.Cut(name, " ")
				env[name] = "./given" // a path, where it may be
				if !strings.Contains(f.Path, "volumes") {
					env[name] = "1"
				}
			}
		}
	}
	return env
}

func count(rules map[string]int, plan *Plan) {
	seen := map[string]bool{}
	for _, e := range plan.Edits {
		seen["edit "+e.Rule] = true
	}
	for _, f := range plan.Findings {
		seen[fmt.Sprintf("%s %s", f.Severity, f.Rule)] = true
	}
	for k := range seen {
		rules[k]++
	}
}

// readIndex reads a table with a header line.
func readIndex(t testing.TB, name string) []map[string]string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var header []string
	var rows []map[string]string
	lines := bufio.NewScanner(bytes.NewReader(content))
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if header == nil {
			header = fields
			continue
		}
		row := map[string]string{}
		for i, h := range header {
			if i < len(fields) {
				row[h] = fields[i]
			}
		}
		rows = append(rows, row)
	}
	return rows
}
