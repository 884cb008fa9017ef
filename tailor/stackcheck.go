// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// checkDocument loads the document as docker stack deploy will, with stand-ins
// for the values that are not known yet, and compares the result with the
// original after the edits, made one by one on a fresh copy.
func (m *stackDocument) checkDocument(document []byte) error {
	want := modeltree.Clone(m.orig).(map[string]any)
	for _, e := range m.plan.Edits {
		if err := modeltree.Put(want, e.at, e.value, e.drop); err != nil {
			return err
		}
	}
	standIns := m.standIns()
	want = tidyStack(withStandIns(modeltree.Compact(want), nil, standIns).(map[string]any))
	dict, err := parseStack(document)
	if err != nil {
		return fmt.Errorf("parsing the document: %w", err)
	}
	env := maps.Clone(m.in.env)
	maps.Copy(env, standIns)
	got, err := loadStack(m.in.dir, env, dict)
	if err != nil {
		return fmt.Errorf("loading the document: %w", err)
	}
	if diffs := modeltree.Diff(nil, want, got); len(diffs) > 0 {
		return errors.New("the document would change what was not planned:\n  " + strings.Join(diffs, "\n  "))
	}
	return nil
}

// standIns are values for the variables of the document: numbers for ports, and
// for the others their marks.
func (m *stackDocument) standIns() map[string]string {
	values := maps.Clone(m.in.leased)
	for i, l := range m.plan.Leases.Ports {
		values[l.Variable] = strconv.Itoa(40001 + i)
	}
	return values
}

// withStandIns puts stand-ins into a model, and numbers where numbers belong.
func withStandIns(v any, at modeltree.Path, values map[string]string) any {
	switch v := v.(type) {
	case string:
		s := placeholder.Marks.ReplaceAllStringFunc(v, func(mark string) string { return values[placeholder.Marks.FindStringSubmatch(mark)[1]] })
		if len(at) == 5 && at[2] == "ports" && at[4] == "published" {
			if n, err := strconv.Atoi(s); err == nil {
				return n
			}
		}
		return s
	case map[string]any:
		for key, e := range v {
			v[key] = withStandIns(e, at.Join(key), values)
		}
	case []any:
		for i, e := range v {
			v[i] = withStandIns(e, at.Join(i), values)
		}
	}
	return v
}
