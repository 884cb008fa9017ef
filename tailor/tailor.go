// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"slices"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/spec"
)

// Compose reads the files of a project and plans what to change so that copies
// of it run isolated. It ignores the spec's TimeLimit and Ready.
//
// If a file cannot be read as a Compose file, the error is a [*ReadError]. If the
// project cannot be isolated, it is a [*RefusedError] with all problems; Compose then
// also returns the plan as far as it was made, which is for people to read, not to be
// run. If a file of the spec does not exist, the error matches [io/fs.ErrNotExist].
func Compose(ctx context.Context, p spec.Project, o Options) (*Plan, error) {
	return compose(ctx, p, o, (*parts).rules)
}

func compose(ctx context.Context, p spec.Project, o Options, rules func(*parts) []rule) (*Plan, error) {
	defer silenceLogs()()
	p, said, err := answers.Resolve(p, o.Read)
	if err != nil {
		return nil, answersError(err)
	}
	in, err := readInput(ctx, p, o)
	if err != nil {
		return nil, err
	}
	in.said = said
	plan, err := in.plan(ctx, p, rules)
	if err != nil {
		if other := in.otherKind(); other != nil {
			return nil, other
		}
	}
	return plan, err
}

func (in *input) plan(ctx context.Context, p spec.Project, rules func(*parts) []rule) (*Plan, error) {
	src, err := parseSources(in)
	if err != nil {
		return nil, in.afterReplacing(err)
	}
	m := newParts(in, src, p)
	hopeless := m.scanner.beforeLoading()
	if src.err != nil {
		return nil, src.err
	}
	again := func(in *input) (*Plan, error) { return in.plan(ctx, p, rules) }
	if hopeless {
		m.scanner.addAssumed(again)
		return m.finish()
	}
	if err := m.load(ctx); err != nil {
		if m.refused() { // a variable without value: most likely that is why
			if !m.scanner.addAssumed(again) {
				m.reportLoading(err)
			}
			return m.finish()
		}
		return nil, in.afterReplacing(err)
	}
	all := rules(m)
	for i := range all {
		all[i].apply(&all[i])
	}
	m.description.describe()
	if err := m.override.emit(ctx); err != nil {
		return nil, err
	}
	return m.finish()
}

// shipped returns the files that were read, as they were before any text was replaced.
func shipped(in *input, src *sources) []File {
	var all []File
	add := func(f File) {
		if !slices.ContainsFunc(all, func(have File) bool { return have.Name == f.Name }) {
			all = append(all, f)
		}
	}
	for _, t := range in.texts {
		add(File{t.File, t.before})
	}
	for _, f := range in.files {
		add(File{f.name, string(f.content)})
	}
	for _, f := range src.read {
		add(f)
	}
	rank := func(f File) int { // those that are named first, in their order
		i := slices.IndexFunc(in.files, func(named sourceFile) bool { return named.name == f.Name })
		if i < 0 {
			return len(in.files)
		}
		return i
	}
	slices.SortStableFunc(all, func(a, b File) int { return rank(a) - rank(b) })
	return all
}

// finish sorts what was found and turns refusals into the error.
func (m *parts) finish() (*Plan, error) {
	m.off.noteOff()
	m.placeAnswers()
	m.plan.Shipped = shipped(m.in, m.src)
	order := m.plan.order
	slices.SortStableFunc(m.plan.Edits, func(a, b Edit) int { return a.compare(b.Place, order) })
	slices.SortStableFunc(m.plan.Findings, func(a, b Finding) int { return a.compare(b.Place, order) })
	slices.SortStableFunc(m.plan.Copies, func(a, b Copy) int { return a.compare(b.Place, order) })
	if !m.refused() {
		return m.plan, nil
	}
	err := &RefusedError{}
	for _, f := range m.in.files {
		err.Files = append(err.Files, f.shown)
	}
	for _, f := range m.plan.Findings {
		if f.Severity == Refuse {
			err.Findings = append(err.Findings, f)
		}
	}
	return m.plan, err
}
