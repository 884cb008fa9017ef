// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A loader gives up at the first variable that is demanded. So that all problems are told at
// once, the files are planned a second time, with a value that nobody writes for each of these
// variables; what is refused then for another reason than such a value is refused, too.

// assumedWord is in all values that are assumed, but in numbers.
const assumedWord = "seatrial-assumed-"

// assumption is a variable that has to have a value for the files to be read.
type assumption struct {
	variable string
	form     func(n int) string
}

// assume notes that the files cannot be read without a variable, which has its place in a value
// at the end of some keys.
func (m *scanner) assume(variable string, tail []string, value string) {
	a := assumption{variable, func(n int) string { return fmt.Sprint(assumedWord, n) }}
	switch {
	case slices.ContainsFunc(tail, func(key string) bool { return slices.Contains(numericKeys, key) }):
		a.form = func(n int) string { return fmt.Sprint(64900 + n) }
	case slices.Contains(tail, "volumes") && strings.HasPrefix(value, "$"):
		a.form = func(n int) string { return fmt.Sprint("/", assumedWord, n) }
	case slices.ContainsFunc(m.assumed, func(other assumption) bool { return other.variable == variable }): // where the form matters
		return
	}
	m.assumed = append(m.assumed, a)
}

// numericKeys are those under which a word makes the loaders give up.
var numericKeys = []string{"ports", "expose", "replicas", "scale", "cpus", "cpu_count", "cpu_shares", "mem_limit", "memory", "memswap_limit", "shm_size", "pids", "pids_limit", "retries"}

// addAssumed adds what is refused besides variables, as plan finds it. It reports whether the
// files could be looked at.
func (m *scanner) addAssumed(plan func(*input) (*Plan, error)) bool {
	if len(m.assumed) == 0 {
		return false
	}
	in := *m.in
	in.env, in.leased = maps.Clone(m.in.env), map[string]string{}
	values := []string{assumedWord}
	n := 0
	for _, a := range m.assumed { // of one variable the last
		for n++; m.in.has(a.form(n)); {
			n++
		}
		in.env[a.variable] = a.form(n)
		values = append(values, a.form(n))
	}
	isOfAssumed := func(text string) bool {
		return slices.ContainsFunc(values, func(value string) bool { return strings.Contains(text, value) })
	}
	assumed, err := plan(&in)
	var refused *RefusedError
	switch {
	case errors.As(err, &refused):
	case err != nil && isOfAssumed(err.Error()):
		return false
	case err != nil:
		m.reportLoading(err)
		return true
	}
	for _, f := range assumed.Findings {
		same := func(other Finding) bool {
			return other.Rule == f.Rule && other.File == f.File && other.Line == f.Line && other.Column == f.Column && other.What == f.What
		}
		// What the spec says may be about what a variable leads to.
		if f.Severity == Refuse && !f.OfSpec() && !isOfAssumed(fmt.Sprint(f.String(), f.Path)) && !slices.ContainsFunc(m.plan.Findings, same) {
			m.plan.Findings = append(m.plan.Findings, f)
		}
	}
	return true
}

// has tells whether a text stands in one of the files.
func (in *input) has(text string) bool {
	return slices.ContainsFunc(in.files, func(f sourceFile) bool { return strings.Contains(string(f.content), text) })
}
