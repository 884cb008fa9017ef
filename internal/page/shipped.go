// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
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

// These bound a diff: lines of what differs that are compared with one another, and lines
// around it that are shown.
const (
	mostCompared = 1500
	around       = 2
)

// diffLines returns the lines that differ, with - before the old and + before the new ones,
// and some lines around them.
func diffLines(before, after string) string {
	a, b := strings.Split(strings.TrimRight(before, "\n"), "\n"), strings.Split(strings.TrimRight(after, "\n"), "\n")
	first := 0
	for first < min(len(a), len(b)) && a[first] == b[first] {
		first++
	}
	last := 0
	for last < min(len(a), len(b))-first && a[len(a)-1-last] == b[len(b)-1-last] {
		last++
	}
	if first == len(a) && first == len(b) {
		return ""
	}
	all := []string{}
	for _, line := range a[max(0, first-around):first] {
		all = append(all, " "+line)
	}
	all = append(all, edits(a[first:len(a)-last], b[first:len(b)-last])...)
	for _, line := range a[len(a)-last : min(len(a), len(a)-last+around)] {
		all = append(all, " "+line)
	}
	return strings.Join(all, "\n") + "\n"
}

// edits makes the new lines of the old ones, with the longest common subsequence of both left
// as it is.
func edits(a, b []string) (all []string) {
	if len(a) > mostCompared || len(b) > mostCompared {
		for _, line := range a {
			all = append(all, "-"+line)
		}
		for _, line := range b {
			all = append(all, "+"+line)
		}
		return all
	}
	common := make([][]int32, len(a)+1) // lines that are left, from i and j on
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			all = append(all, " "+a[i])
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			all = append(all, "-"+a[i])
			i++
		default:
			all = append(all, "+"+b[j])
			j++
		}
	}
	return all
}
