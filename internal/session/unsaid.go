// SPDX-License-Identifier: Apache-2.0

package session

import (
	"regexp"
	"slices"
	"strings"
)

// unsaid returns what became of resources without what the reason why the test failed tells
// already: of the same container the same words, whenever they were logged; a line that
// another container logged of the same error; and what one side of a connection logs of an
// error that is the other's.
func unsaid(reason string, fates []string) []string {
	said := withoutTimes(reason)
	tells := func(fate string) bool {
		name, _, _ := strings.Cut(fate, " ")
		what, why, _ := strings.Cut(strings.TrimPrefix(withoutTimes(fate), name+" "), ": ")
		why = numbered.ReplaceAllString(why, "")
		switch named := speaksOf(said, name); {
		case why == "":
			return named && strings.Contains(said, what)
		case strings.HasPrefix(what, logged) && othersError.MatchString(why) && encryption.MatchString(said):
			return true
		case len(why) < shortest || !strings.HasPrefix(what, logged):
			return named && strings.Contains(said, why)
		}
		return strings.Contains(said, why)
	}
	return slices.DeleteFunc(slices.Clone(fates), tells)
}

const (
	logged   = "has logged" // see container.Fate: the container itself is well
	shortest = 16           // of what two containers do not say by chance
)

var (
	times    = regexp.MustCompile(`\[?\b(?:\d{4}[-/]\d\d[-/]\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| UTC|[+-]\d\d:?\d\d)?\]?`)
	spaces   = regexp.MustCompile(`\s+`)
	numbered = regexp.MustCompile(`^\[?\d+\]?:? `) // the id of a process, in front of a line

	othersError = regexp.MustCompile(`(?i)remote error: tls: |\b(tlsv1|sslv3|ssl|tls)( \w+)* alert\b`)
	encryption  = regexp.MustCompile(`(?i)\b(x509|tls|ssl|certificate)\b`)
)

func withoutTimes(text string) string {
	return spaces.ReplaceAllString(times.ReplaceAllString(text, ""), " ")
}

// speaksOf reports whether a name is a word of a text: web is none of web-2.
func speaksOf(text, name string) bool {
	return slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,:;()'\"\n", r) }), name)
}
