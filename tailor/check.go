// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"context"
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
)

// check loads the files with the override on top and compares the result with
// the original after the edits, made one by one on a fresh copy: what rules and
// emitter did must be what the plan says, no more and no less.
func (m *override) check(ctx context.Context) error {
	want := modeltree.Clone(m.orig).(map[string]any)
	for _, e := range m.plan.Edits {
		if err := modeltree.Put(want, e.at, e.value, e.drop); err != nil {
			return bug(err)
		}
	}
	modeltree.Compact(want)
	got, err := load(ctx, m.in, m.plan.override)
	if err != nil {
		// Of a service that no profile switches on, Compose looks less closely at
		// what stands in one file alone.
		if _, alone := load(ctx, m.in, []byte("services: {}\n")); alone != nil {
			return &ReadError{File: m.in.files[0].shown, Err: fmt.Errorf("taken alone, it loads, but not with another file on top: %w", alone)}
		}
		return bug(fmt.Errorf("loading the override: %w", err))
	}
	for _, e := range m.plan.Edits {
		if at, _, ok := setting(e); ok {
			asSettings(want, at[:3])
			asSettings(got, at[:3])
		}
	}
	if diffs := modeltree.Diff(nil, want, got); len(diffs) > 0 {
		return bug(fmt.Errorf("the override would change what was not planned:\n  %s", strings.Join(diffs, "\n  ")))
	}
	return nil
}

// asSettings makes the environment of a service a mapping of strings: Compose
// takes lists and mappings alike, and merges two of them into a list.
func asSettings(tree map[string]any, at modeltree.Path) {
	v, _ := modeltree.Lookup(tree, at)
	settings := map[string]any{}
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if settings[key] = value; value != nil {
				settings[key] = fmt.Sprint(value)
			}
		}
	case []any:
		for _, e := range v {
			key, value, ok := strings.Cut(fmt.Sprint(e), "=")
			if settings[key] = nil; ok {
				settings[key] = value
			}
		}
	}
	_ = modeltree.Put(tree, at, settings, false)
}

// bugError is a mistake of a rule or of the emitter.
type bugError struct{ err error }

func bug(err error) error { return &bugError{err} }

func (e *bugError) Error() string {
	return "checking the plan: " + e.err.Error() +
		"\nhint: this is a mistake in seatrial, not in the files, and nothing was run; please report it with the files"
}

func (e *bugError) Unwrap() error { return e.err }
