// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Diff returns the plan's changes in the manner of diff: first the lines of files in
// which text was replaced, then the edits, then the base images of Dockerfiles. An
// edit has three lines: @@, with its place in the files and in the loaded model, the
// old value in JSON after a minus, and the new one after a plus. A value that is
// absent has no line. Copies and locks are not in it: see [Plan.BesideDiff].
func (p *Plan) Diff() string {
	var b strings.Builder
	for _, t := range p.Texts {
		b.WriteString(t.diff())
	}
	for _, e := range p.Edits {
		at := ""
		if e.File != "" {
			at = fmt.Sprintf("%s:%d:%d ", e.File, e.Line, e.Column)
		}
		fmt.Fprintf(&b, "@@ %s%s @@\n", at, e.Path)
		if e.Old != nil {
			b.WriteString("-" + flat(e.Old))
		}
		if e.New != nil {
			b.WriteString("+" + flat(e.New))
		}
	}
	for _, d := range p.Dockerfiles {
		for _, c := range d.changes {
			fmt.Fprintf(&b, "@@ %s@@\n-%s\n+%s\n", strings.TrimSuffix(d.prefix(d.at), ": ")+": "+c.place+" ", c.old, c.new)
		}
	}
	return b.String()
}

// diff is the lines that differ, from the first to the last.
func (t Text) diff() string {
	before, after := strings.SplitAfter(t.before, "\n"), strings.SplitAfter(t.Content, "\n")
	first := 0
	for first < min(len(before), len(after)) && before[first] == after[first] {
		first++
	}
	last := 0
	for last < min(len(before), len(after))-first && before[len(before)-1-last] == after[len(after)-1-last] {
		last++
	}
	var b strings.Builder
	write := func(line int, old, fresh []string) {
		fmt.Fprintf(&b, "@@ %s:%d @@\n", t.shown, line)
		for i, lines := range [][]string{old, fresh} {
			for _, s := range lines {
				b.WriteString("-+"[i:i+1] + strings.TrimSuffix(s, "\n") + "\n")
			}
		}
	}
	before, after = before[first:len(before)-last], after[first:len(after)-last]
	if len(before) != len(after) {
		write(first+1, before, after)
		return b.String()
	}
	for i := range before {
		if before[i] != after[i] {
			write(first+1+i, before[i:i+1], after[i:i+1])
		}
	}
	return b.String()
}

// flat is a value in JSON on a line.
func flat(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprintln(v)
	}
	return b.String()
}
