// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// A guard is a ratio that must not be exceeded even on a busy machine: it is far from the aim,
// and from the values on a quiet machine.
type guard struct {
	figure, who string // the peer's
	most        float64
}

// guardRuns is the number of runs of each side: enough that one slow run, as the first is, does
// not move the median.
const guardRuns = 3

// check measures the rows that have guards, and returns what exceeds them.
func check(ctx context.Context, o options) error {
	root, err := filepath.Abs(o.root)
	if err != nil {
		return err
	}
	b, err := newBed(ctx, root)
	if err != nil {
		return err
	}
	defer b.end()
	var exceeded []error
	for _, r := range rows() {
		if len(r.guards) == 0 || !o.wants(r) {
			continue
		}
		res, err := b.measure(r.guarded(), 0, guardRuns)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		fmt.Printf("%s: %s\n%s", r.name, r.work, res.text())
		for _, g := range r.guards {
			if err := res.keeps(g); err != nil {
				exceeded = append(exceeded, fmt.Errorf("row %s: %w", r.name, err))
			}
		}
	}
	return errors.Join(exceeded...)
}

// guarded returns the row with only the sides that its guards name.
func (r row) guarded() row {
	prepare := r.prepare
	r.prepare = func(b *bed) ([]side, error) {
		all, err := prepare(b)
		if err != nil {
			return nil, err
		}
		sides := all[:1]
		for _, s := range all[1:] {
			if slices.ContainsFunc(r.guards, func(g guard) bool { return g.who == s.who }) {
				sides = append(sides, s)
			}
		}
		return sides, nil
	}
	return r
}

// keeps returns an error if the ratio of a guard is exceeded.
func (r *result) keeps(g guard) error {
	for _, m := range r.Sides {
		if m.Who != g.who {
			continue
		}
		all := ratios(r.Sides[0].of(g.figure), m.of(g.figure))
		switch {
		case len(all) == 0:
			return fmt.Errorf("nothing was measured of %s, %s: %s", g.figure, g.who, m.Failed)
		case spreadOf(all).median > g.most:
			return fmt.Errorf("%s takes %.2f of what %s takes, where %.2f is the most that make test lets pass", g.figure, spreadOf(all).median, g.who, g.most)
		}
		return nil
	}
	return fmt.Errorf("there is no side %q", g.who)
}
