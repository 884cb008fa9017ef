// SPDX-License-Identifier: Apache-2.0

// Command report reads the output of go test -json. It lists the packages and tests
// that took longest, and those that were sampled, skipped, repeated or run alone,
// each with its reason.
//
//	report FILE...
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

func main() {
	var r run
	for _, name := range os.Args[1:] {
		if err := r.read(name); err != nil {
			fmt.Fprintf(os.Stderr, "reading %s: %v\n", name, err)
			os.Exit(1)
		}
	}
	r.print(os.Stdout)
}

// An event is a line of go test -json.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

// An item is a test or a package, with a remark.
type item struct {
	name string
	took time.Duration
	says string
}

// A run has the results of several packages' tests.
type run struct {
	packages, tests                   []item
	sampled, alone, repeated, skipped []item
	failed, passed                    int
}

// notes matches lines of a test's log about deviations from a normal run. Package
// enginetest writes them.
var notes = regexp.MustCompile(`^\s*\S+\.go:\d+: (sampled|runs alone|repeated): (.*)\n$`)

func (r *run) read(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	said := map[string]string{} // last lines, by test
	in := bufio.NewReader(f)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return nil
		} else if err != nil && err != io.EOF {
			return err
		}
		var e event
		if json.Unmarshal(line, &e) == nil { // other lines are text, such as errors of go build
			r.add(e, said)
		}
	}
}

func (r *run) add(e event, said map[string]string) {
	name := path.Base(e.Package)
	if e.Test != "" {
		name += " " + e.Test
	}
	took := time.Duration(e.Elapsed * float64(time.Second)).Round(10 * time.Millisecond)
	top := e.Test != "" && !strings.Contains(e.Test, "/")
	switch e.Action {
	case "output":
		if note := notes.FindStringSubmatch(e.Output); note != nil {
			list := map[string]*[]item{"sampled": &r.sampled, "runs alone": &r.alone, "repeated": &r.repeated}[note[1]]
			*list = append(*list, item{name: name, says: note[2]})
		}
		if text := strings.TrimSpace(e.Output); text != "" && !strings.HasPrefix(text, "---") && !strings.HasPrefix(text, "===") {
			said[name] = text
		}
	case "skip":
		if e.Test != "" {
			_, reason, _ := strings.Cut(said[name], ": ")
			r.skipped = append(r.skipped, item{name: name, says: cmp.Or(reason, "it does not say why")})
		}
	case "pass", "fail":
		if e.Test == "" {
			r.packages = append(r.packages, item{name: name, took: took})
		} else if top {
			r.tests = append(r.tests, item{name: name, took: took})
		}
		if top && e.Action == "fail" {
			r.failed++
		} else if top {
			r.passed++
		}
	}
}

const slowest = 10

func (r *run) print(w io.Writer) {
	longest := func(a, b item) int { return cmp.Compare(b.took, a.took) }
	slices.SortFunc(r.packages, longest)
	slices.SortFunc(r.tests, longest)
	r.packages = slices.DeleteFunc(r.packages, func(i item) bool { return i.took < time.Second })
	section(w, "packages that took a second or more", r.packages)
	section(w, "the slowest tests", r.tests[:min(slowest, len(r.tests))])
	section(w, "sampled", r.sampled)
	section(w, "done again, with more time", r.repeated)
	section(w, "run alone", r.alone)
	section(w, "skipped", folded(r.skipped))
	fmt.Fprintf(w, "\n%d passed, %d failed, %d skipped\n", r.passed, r.failed, len(r.skipped))
}

// folded merges the subtests of a test that have the same remark.
func folded(items []item) []item {
	var all []item
	count := map[item]int{}
	for _, i := range items {
		i.name, _, _ = strings.Cut(i.name, "/")
		if count[i]++; count[i] == 1 {
			all = append(all, i)
		}
	}
	for n, i := range all {
		if count[i] > 1 {
			all[n].name = fmt.Sprintf("%s, %d subtests", i.name, count[i])
		}
	}
	return all
}

func section(w io.Writer, title string, items []item) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s:\n", title)
	for _, i := range items {
		switch {
		case i.says == "":
			fmt.Fprintf(w, "  %8v  %s\n", i.took, i.name)
		default:
			fmt.Fprintf(w, "  %s: %s\n", i.name, i.says)
		}
	}
}
