// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"slices"

	"github.com/seatrial/seatrial/internal/answers"
	"github.com/seatrial/seatrial/spec"
)

// Options are what Compose needs beside the spec.
type Options struct {
	// Base are variables of the process that may reach the files, as BaseEnv
	// picks them. The spec's own win over them.
	Base map[string]string
	// EnvFiles are read instead of the .env in the project directory, as with
	// docker compose --env-file.
	EnvFiles []string
	// HostIP is the address on which the engine is to publish ports; empty means
	// 127.0.0.1. It is needed where the engine's loopback is not the caller's.
	HostIP string
	// Platform is what the engine runs, linux/arm64, as the base of a Dockerfile may
	// depend on it; empty means Linux on this machine's processor.
	Platform string
	// IPv6Networks are the names of networks of the engine that have no IPv4. Ports
	// of services on them, and on no other, are published over IPv6.
	IPv6Networks []string
	// OverrideOnly is for a caller who passes the override to docker compose and
	// does nothing else for the plan: no leases, no copies, no builds of its own.
	// What would be leased is left to the engine or stays as it is, containers go on
	// to write to the directories of the checkout, and findings say so. What the spec
	// says and an override cannot is refused: an image that a Dockerfile builds on,
	// further files of a build, replaced text.
	OverrideOnly bool
	// Read reads a file, given its absolute name; nil means os.ReadFile. Files
	// that include and extends refer to are also opened by Compose's loader
	// itself, which knows the file system only.
	Read func(name string) ([]byte, error)
}

// Compose reads the files of a project and plans what to change so that copies
// of it run isolated. The time limit and the conditions of the spec don't
// matter to it.
//
// A file that can't be read as a Compose file is a [*ReadError]. A project that
// cannot be isolated is a [*RefusedError] with all of its problems; the plan is
// returned beside it as far as it was made, for people to read and not to be
// run. The error matches [io/fs.ErrNotExist] if a file of the spec does not exist.
func Compose(ctx context.Context, p spec.Project, o Options) (*Plan, error) {
	return compose(ctx, p, o, (*parts).rules)
}

func compose(ctx context.Context, p spec.Project, o Options, rules func(*parts) []rule) (*Plan, error) {
	defer hush()()
	p, said, err := answers.Resolve(p, o.Read)
	if err != nil {
		return nil, answersError(err)
	}
	in, err := readInput(ctx, p, o)
	if err != nil {
		return nil, err
	}
	in.said = said
	src, err := parseSources(in)
	if err != nil {
		return nil, in.afterReplacing(err)
	}
	m := newParts(in, src, p)
	hopeless := m.scanner.beforeLoading()
	if src.err != nil {
		return nil, src.err
	}
	if hopeless {
		return m.finish()
	}
	if err := m.load(ctx); err != nil {
		if m.refused() { // a variable without value: most likely that is why
			m.reportLoading(err)
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

// finish sorts what was found and turns refusals into the error.
func (m *parts) finish() (*Plan, error) {
	m.off.noteOff()
	m.placeAnswers()
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
