// SPDX-License-Identifier: Apache-2.0

package docs

import (
	"regexp"
	"strings"
	"testing"
)

// Every file that a failure left, as the second table of failures.md lists them, is
// explained in the first one. The tests that made the failures keep the list true.
func TestFailuresAreExplained(t *testing.T) {
	t.Parallel()
	_, page, _ := strings.Cut(pages(t)["docs/failures.md"], "## The directory")
	explained, listed, found := strings.Cut(page, "| what failed | first line | files |")
	if !found {
		t.Fatal("failures.md does not list what failures leave")
	}
	var patterns []*regexp.Regexp
	for line := range strings.Lines(explained) {
		names, _, _ := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		for _, name := range span.FindAllString(names, -1) {
			name = regexp.QuoteMeta(strings.Trim(name, "`"))
			name = strings.NewReplacer("NAME", ".+", "FILE", ".+", "shipped-N", `shipped-\d+`).Replace(name)
			patterns = append(patterns, regexp.MustCompile("^"+name+"$"))
		}
	}
	rows, files := 0, 0
	for line := range strings.Lines(listed) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		if len(cells) != 3 {
			continue
		}
		rows++
		for _, name := range span.FindAllString(cells[2], -1) {
			files++
			name = strings.Trim(name, "`")
			is := false
			for _, p := range patterns {
				is = is || p.MatchString(name)
			}
			if !is {
				t.Errorf("%s of %s is not explained", name, cells[0])
			}
		}
	}
	if rows != 11 || files < 60 {
		t.Errorf("there are %d rows with %d files", rows, files)
	}
}
