// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// A Change is what an update was to make of a shipped file.
type Change struct {
	Before, After string // names of files
	Diff          string
}

// shippedName has the number of the file in the list of the project's files, its own name, and
// the number of copies of that name.
var shippedName = regexp.MustCompile(`^shipped-(\d+)-(.+?)(?:~(\d+))?(\.[^.~]*)?$`)

// Changes returns how the shipped files differ that an update was to change: each is kept as
// it was before and after.
func (e *Evidence) Changes() []Change {
	type version struct {
		File
		base   string
		number int
	}
	versions := map[string][]version{} // by the place in the list of files
	var places []string
	for _, f := range e.Files {
		found := shippedName.FindStringSubmatch(f.Name)
		if found == nil {
			continue
		}
		if versions[found[1]] == nil {
			places = append(places, found[1])
		}
		n, _ := strconv.Atoi(cmp.Or(found[3], "1"))
		versions[found[1]] = append(versions[found[1]], version{f, found[2] + found[4], n})
	}
	where := e.Where()
	updated := func(v version) bool {
		return regexp.MustCompile(`updating (?:.*[/, ])?` + regexp.QuoteMeta(v.base) + `(,|$)`).MatchString(where)
	}
	var all []Change
	for _, place := range places {
		of := versions[place]
		slices.SortStableFunc(of, func(a, b version) int { return a.number - b.number })
		last := slices.IndexFunc(of, updated)
		switch {
		case len(of) < 2:
			continue
		case last >= 0 && of[last].base != of[(last+1)%len(of)].base: // another file took its place
			of = append(slices.Delete(slices.Clone(of), last, last+1), of[last])
		case of[0].base != of[len(of)-1].base: // nobody knows which came first
			continue
		}
		before, after := of[len(of)-2], of[len(of)-1]
		if diff := diffLines(before.Text, after.Text); diff != "" {
			all = append(all, Change{before.Name, after.Name, diff})
		}
	}
	return all
}

// diffLines is a unified diff without its heading.
func diffLines(before, after string) string {
	text := string(diff.Diff("", []byte(before), "", []byte(after)))
	_, lines, _ := strings.Cut(text, "\n+++ \n")
	return lines
}
