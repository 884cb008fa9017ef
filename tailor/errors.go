// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/answers"
)

// RefusedError says that a project or stack cannot run isolated. It has every problem
// that was found, not only the first.
type RefusedError struct {
	// Files are the names of the files as the spec gives them.
	Files []string
	// Findings are the refusals, sorted by place.
	Findings []Finding
}

// Error says what the problem is. If there are several, its first line has their
// number and the first of them, and a line for each follows, with its place. A hint
// below a problem says which fields of the spec settle it.
func (e *RefusedError) Error() string { return e.text(Finding.String) }

// CommandText is [RefusedError.Error] with options of the command seatrial tailor
// instead of fields of the spec.
func (e *RefusedError) CommandText() string { return e.text(Finding.CommandString) }

func (e *RefusedError) text(finding func(Finding) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "tailoring %s: ", strings.Join(e.Files, ", "))
	told := e.told()
	ofFiles := slices.ContainsFunc(told, func(f Finding) bool { return !f.OfSpec() })
	switch {
	case len(told) == 1 && ofFiles:
		b.WriteString("it cannot run isolated: ")
	case len(told) == 1:
	case ofFiles:
		fmt.Fprintf(&b, "it cannot run isolated, for %d reasons; the first: ", len(told))
	default:
		fmt.Fprintf(&b, "%d mistakes in what is said of it; the first: ", len(told))
	}
	if len(told) > 1 {
		first := e.Findings[0]
		first.Reason, first.Hint, first.Fixes = "", "", nil
		short, _, _ := strings.Cut(finding(first), "\n")
		b.WriteString(short + "\n")
	}
	for i, f := range told {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString(finding(f))
	}
	return b.String()
}

// ReadError says that a file cannot be read as a Compose or stack file.
type ReadError struct {
	// File is the name of the file as the spec gives it; names of included and
	// extended files begin in the same way. Line and Column are 0 if they are not
	// known.
	File         string
	Line, Column int
	// Err says what is wrong.
	Err error
	// Findings may be the cause: variables without a value, say.
	Findings []Finding
}

// Error begins with the file and, if it is known, the line.
func (e *ReadError) Error() string {
	var b strings.Builder
	b.WriteString("reading " + e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	b.WriteString(": " + e.Err.Error())
	for _, f := range e.Findings {
		b.WriteString("\n" + f.String())
	}
	return b.String()
}

// Unwrap returns Err.
func (e *ReadError) Unwrap() error { return e.Err }

// Spec returns lines of Go to paste into the spec: they settle each refusal by the
// first of its Fixes. Review them first: a Fix may be one of several choices, and a
// value in capitals, such as DIR, is a placeholder. Refusals that have no Fixes are
// left out, so Spec is empty if no field of the spec settles any of them.
func (e *RefusedError) Spec() string {
	var b strings.Builder
	done := map[string]bool{}
	ways := e.ways()
	for _, w := range ways {
		if done[w.Field] {
			continue
		}
		done[w.Field] = true
		var items []string
		for _, other := range ways {
			if other.Field != w.Field {
				continue
			}
			item := other.item()
			if mapFields[w.Field] != "" {
				item += fmt.Sprintf(": %q", other.Value)
			}
			if !slices.Contains(items, item) {
				items = append(items, item)
			}
		}
		if listFields[w.Field] == "" && mapFields[w.Field] == "" {
			fmt.Fprintf(&b, "%s,\n", w)
		} else {
			fmt.Fprintf(&b, "%s: %s{%s},\n", w.Field, w.kind(), strings.Join(items, ", "))
		}
	}
	return b.String()
}

// Flags is [RefusedError.Spec] as options of the command seatrial tailor, quoted for a
// shell.
func (e *RefusedError) Flags() []string {
	var all []string
	for _, w := range e.ways() {
		if flag := w.Flag(); !slices.Contains(all, flag) {
			all = append(all, flag)
		}
	}
	return all
}

// Answers is [RefusedError.Spec] as lines of YAML for a .seatrial.yaml, which the
// command seatrial reads beside the Compose file, and which the spec's Answers names.
func (e *RefusedError) Answers() string {
	var all []answers.Way
	for _, w := range e.ways() {
		all = append(all, answers.Way{Field: w.Field, Key: w.Key, Value: w.Value})
	}
	return answers.Lines(all)
}

// ways returns the first way of each refusal.
func (e *RefusedError) ways() []Fix {
	var all []Fix
	for _, f := range e.Findings {
		if len(f.Fixes) > 0 {
			all = append(all, f.Fixes[0])
		}
	}
	return all
}
