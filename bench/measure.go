// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// A result has all measurements of a row.
type result struct {
	Work  string
	Aim   string
	Unit  string
	Ratio string
	When  time.Time
	Sides []measured
}

type measured struct {
	Who    string
	Failed string // why the side could not do the work
	Runs   []sample
}

// measure lets the sides of a row take turns. Each round starts with another side, so
// that none always runs after the same one. The rounds of warmUps come before the runs that count.
func (b *bed) measure(r row, warmUps, runs int) (*result, error) {
	sides, err := r.prepare(b)
	if err != nil {
		return nil, err
	}
	defer b.tidy()
	if r.runs > 0 {
		runs = min(runs, r.runs)
	}
	res := &result{Work: r.work, Aim: r.aim, Unit: r.unit, Ratio: cmp.Or(r.ratio, "ours by theirs"), When: time.Now().UTC()}
	if res.Unit == "" {
		res.Unit = "ms"
	}
	for _, s := range sides {
		res.Sides = append(res.Sides, measured{Who: s.who})
	}
	if runs == 1 {
		warmUps = 0
	}
	report := progress{last: time.Now()}
	for round := range warmUps + runs {
		for k := range sides {
			i := (k + round) % len(sides)
			m := &res.Sides[i]
			if m.Failed != "" {
				continue
			}
			if err := b.ctx.Err(); err != nil {
				return nil, err
			}
			report.show("    round %d of %d: %s", round+1, warmUps+runs, m.Who)
			values, err := b.turn(sides[i])
			switch {
			case b.ctx.Err() != nil:
				return nil, b.ctx.Err()
			case err != nil && i == 0:
				return nil, fmt.Errorf("%s: %w", m.Who, err)
			case err != nil: // a peer that fails is reported, and the others go on
				m.Failed, m.Runs = err.Error(), nil
				fmt.Printf("\n    %s cannot do it: %v\n", m.Who, err)
			case round >= warmUps:
				m.Runs = append(m.Runs, values)
			}
		}
	}
	report.show("")
	return res, nil
}

// patience is how long an interrupted run gets to clean up by itself. What it leaves then, the row
// and the watchdog remove.
const patience = 10 * time.Second

// turn lets a side do its work once. After an interruption it does not wait for long.
func (b *bed) turn(s side) (sample, error) {
	type outcome struct {
		values sample
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		values, err := s.run()
		done <- outcome{values, err}
	}()
	select {
	case o := <-done:
		return o.values, o.err
	case <-b.ctx.Done():
	}
	select {
	case <-done:
	case <-time.After(patience):
	}
	return nil, b.ctx.Err()
}

// A progress shows the present work: on a terminal in one line, elsewhere now and then.
type progress struct{ last time.Time }

func (p *progress) show(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if info, err := os.Stdout.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		fmt.Printf("\r%-80s\r", text)
	} else if text != "" && time.Since(p.last) > 30*time.Second {
		p.last = time.Now()
		fmt.Println(text)
	}
}

func (r *result) keep(file string) error {
	content, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(file+".new", content, 0o644); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

func readResult(file string) (*result, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	r := &result{}
	return r, json.Unmarshal(content, r)
}

// figures returns the names of the figures.
func (r *result) figures() (names []string) {
	if len(r.Sides) > 0 && len(r.Sides[0].Runs) > 0 {
		for _, f := range r.Sides[0].Runs[0] {
			names = append(names, f.Name)
		}
	}
	return names
}

// of returns the values of a figure, run by run, without runs that lack it.
func (m measured) of(name string) (all []float64) {
	for _, run := range m.Runs {
		for _, f := range run {
			if f.Name == name {
				all = append(all, f.Value)
			}
		}
	}
	return all
}

// ratios returns the ratios of ours to theirs, pair by pair, because whatever slowed the
// machine in a round slowed both.
func ratios(ours, theirs []float64) (all []float64) {
	for i := range min(len(ours), len(theirs)) {
		if theirs[i] > 0 {
			all = append(all, ours[i]/theirs[i])
		}
	}
	return all
}

// A spread is the median, and the range of the middle half of the values.
type spread struct{ low, median, high float64 }

func spreadOf(all []float64) spread {
	s := slices.Sorted(slices.Values(all))
	at := func(share float64) float64 {
		place := share * float64(len(s)-1)
		i := int(place)
		if i+1 == len(s) {
			return s[i]
		}
		return s[i] + (s[i+1]-s[i])*(place-float64(i))
	}
	return spread{at(0.25), at(0.5), at(0.75)}
}

// text formats the result of a row for the terminal.
func (r *result) text() string {
	var b strings.Builder
	for _, name := range r.figures() {
		for i, m := range r.Sides {
			all := m.of(name)
			if len(all) == 0 {
				continue
			}
			s := spreadOf(all)
			fmt.Fprintf(&b, "    %-22s %-34s %9.2f %s (%.2f to %.2f)", name, m.Who, s.median, r.Unit, s.low, s.high)
			if i > 0 && s.median > 0 {
				q := spreadOf(ratios(r.Sides[0].of(name), all))
				fmt.Fprintf(&b, "   ours/theirs %.3f (%.3f to %.3f)", q.median, q.low, q.high)
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
