// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/answers"
)

// RefusedError says that the project cannot run isolated. It has every
// problem that was found, not only the first.
type RefusedError struct {
	// Files are the files as the spec named them.
	Files []string
	// Findings are the refusals, sorted by place.
	Findings []Finding
}

// Error tells the only problem in its first line; of several how many there are and what
// the first is, and below each with its place and, on a line of its own, what settles it.
func (e *RefusedError) Error() string { return e.text(Finding.String) }

// CommandText is the same with options of the command seatrial tailor in the
// place of the spec's fields.
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

// ReadError says that a file can't be read as a Compose file.
type ReadError struct {
	// File is the name as the spec gave it, or relative to that. Line and
	// Column are 0 where the place is not known.
	File         string
	Line, Column int
	Err          error
	// Findings may have to do with it: variables without a value, say.
	Findings []Finding
}

// Error names the file and, if known, the line first.
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

// Unwrap returns what went wrong.
func (e *ReadError) Unwrap() error { return e.Err }

// Spec returns fields of the spec in Go, which settle the refusals by their
// first ways: to be looked at before they are pasted. It is empty if nothing
// that can be said in the spec settles any of them.
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
		kind := "[]string"
		switch {
		case mapFields[w.Field] != "":
			kind = "map[string]string"
		case strings.HasSuffix(w.Field, "Ports"):
			kind = "[]int"
		}
		if listFields[w.Field] == "" && mapFields[w.Field] == "" {
			fmt.Fprintf(&b, "%s,\n", w)
		} else {
			fmt.Fprintf(&b, "%s: %s{%s},\n", w.Field, kind, strings.Join(items, ", "))
		}
	}
	return b.String()
}

// Flags returns the same as options of the command seatrial tailor.
func (e *RefusedError) Flags() []string {
	var all []string
	for _, w := range e.ways() {
		if flag := w.Flag(); !slices.Contains(all, flag) {
			all = append(all, flag)
		}
	}
	return all
}

// Answers returns the same as lines of .seatrial.yaml, which the command seatrial reads
// beside the Compose file, and Answers of the spec names.
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
