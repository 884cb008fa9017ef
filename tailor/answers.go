// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/answers"
)

// answersError is what is wrong with a file of answers. One that is not there is the
// caller's mistake, and no file that cannot be read.
func answersError(err error) error {
	var wrong *answers.Error
	if !errors.As(err, &wrong) || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return &ReadError{File: wrong.File, Line: wrong.Line, Column: wrong.Column, Err: wrong.Err}
}

// placeAnswers says where the spec has what is refused of it, if that is in a file of
// answers. What is refused names the field first, and then the entry, or
// the file that it names.
func (m *model) placeAnswers() {
	if m.in.said == nil {
		return
	}
	for i, f := range m.plan.Findings {
		field, key := f.Path, answers.Key(f.Path)
		if !f.OfSpec() || key == "" {
			continue
		}
		line := 0
		for _, name := range m.said(field) {
			value := m.in.said.Value(field, name)
			if strings.Contains(f.What, quote(name)) || strings.Contains(f.What, " "+name+" ") || value != "" && strings.Contains(f.What, " "+value+", which is missing") {
				line = m.in.said.Line(field, name)
				break
			}
		}
		if line == 0 {
			continue // the spec itself has it
		}
		at := &m.plan.Findings[i]
		at.File, at.Line, at.What = m.in.said.Name, line, key+strings.TrimPrefix(f.What, field)
	}
}

// said are the entries of a field in the file of answers, those first that have others
// in them.
func (m *model) said(field string) []string {
	names := m.in.said.Keys(field)
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	return names
}
