// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"go.yaml.in/yaml/v4"
)

// replaceTexts replaces the texts of the spec in the files, before anything
// else looks at them. It goes through each file once, and takes the longest of
// the keys that stand somewhere.
func (in *input) replaceTexts(replace map[string]string) {
	if len(replace) == 0 {
		return
	}
	olds := modeltree.Keys(replace)
	slices.SortStableFunc(olds, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	found, meant := map[string]bool{}, map[string]bool{}
	for i, f := range in.files {
		text, used := replaced(string(f.content), olds, replace)
		for _, r := range used {
			found[r.old] = true
			one, _ := replaced(string(f.content), []string{r.old}, replace)
			meant[r.old] = meant[r.old] || !sameData(f.content, []byte(one))
		}
		if len(used) > 0 {
			in.files[i].content = []byte(text)
			in.texts = append(in.texts, Text{File: f.name, Content: text, shown: f.shown, before: string(f.content), changes: replacedInWords(f, used, replace)})
		}
	}
	for _, old := range modeltree.Keys(replace) {
		switch {
		case old == "":
			in.wrong = append(in.wrong, "Replace has an empty key")
		case !found[old]:
			in.wrong = append(in.wrong, fmt.Sprintf("Replace has %q, which is not in the files", old))
		case !meant[old]:
			in.idle = append(in.idle, fmt.Sprintf("Replace has %q, which stands in comments only", old))
		}
	}
}

// A replacement is a text that was replaced: from which line on, and how often.
type replacement struct {
	old         string
	line, times int
}

// replacedInWords says what was replaced in a file, a line for each text.
func replacedInWords(f sourceFile, used []replacement, replace map[string]string) []string {
	var all []string
	for _, r := range used {
		times := ""
		if r.times > 1 {
			times = fmt.Sprintf(", %d times", r.times)
		}
		all = append(all, fmt.Sprintf("%s:%d text %q → %q%s (as asked)", f.shown, r.line, r.old, replace[r.old], times))
	}
	return all
}

// replaced returns the text with all of olds replaced, which are sorted by
// length, and those that were there, in the order in which they are.
func replaced(text string, olds []string, replace map[string]string) (string, []replacement) {
	var b strings.Builder
	var used []replacement
	for line := 1; len(text) > 0; {
		i := slices.IndexFunc(olds, func(old string) bool { return old != "" && strings.HasPrefix(text, old) })
		if i < 0 {
			if text[0] == '\n' {
				line++
			}
			b.WriteByte(text[0])
			text = text[1:]
			continue
		}
		b.WriteString(replace[olds[i]])
		text = text[len(olds[i]):]
		j := slices.IndexFunc(used, func(r replacement) bool { return r.old == olds[i] })
		if j < 0 {
			j, used = len(used), append(used, replacement{old: olds[i], line: line})
		}
		used[j].times++
		line += strings.Count(olds[i], "\n")
	}
	return b.String(), used
}

// sameData tells whether two texts are the same to a reader of YAML.
func sameData(a, b []byte) bool {
	var x, y any
	return yaml.Unmarshal(a, &x) == nil && yaml.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// afterReplacing says that what can't be read is not what was shipped.
func (in *input) afterReplacing(err error) error {
	var e *ReadError
	if len(in.texts) > 0 && errors.As(err, &e) {
		e.Err = fmt.Errorf("%w\nhint: this is the file after the texts in Replace were replaced", e.Err)
	}
	return err
}
