// SPDX-License-Identifier: Apache-2.0

package substitution

import (
	"strings"
)

// Expressions returns the variables in a text, as they are written there.
func Expressions(s string) []string {
	var all []string
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 || i+1 >= len(s) {
			return all
		}
		s = s[i:]
		switch {
		case s[1] == '$':
			s = s[2:]
		case s[1] == '{':
			body, rest, ok := braces(s[2:])
			if !ok {
				return all
			}
			all = append(all, s[:len(body)+3])
			s = rest
		default:
			n := nameLength(s[1:])
			if n > 0 {
				all = append(all, s[:n+1])
			}
			s = s[n+1:]
		}
	}
}

// NameIn returns the name in an expression such as ${NAME:-default}.
func NameIn(expression string) string {
	body := strings.TrimPrefix(strings.TrimPrefix(expression, "$"), "{")
	return body[:nameLength(body)]
}
