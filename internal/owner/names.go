// SPDX-License-Identifier: Apache-2.0

package owner

import (
	"crypto/rand"
	"strings"
)

// NewID returns eight random characters, [a-z2-7]: these 40 bits make the names of
// a run's objects unique.
func NewID() string { return strings.ToLower(rand.Text()[:8]) }

// Maximum lengths of the parts of a name. With an id and two dashes it has at most
// 40 characters, so that Docker's limits (63 for a name in DNS) leave room for the
// names of services.
const (
	maxTest = 20
	maxRole = 10
)

// Name returns a name that people can read, in lower case and [a-z0-9-]: the
// test's name, the role that the object plays, and an id. Role may be empty.
func Name(test, role, id string) string {
	parts := make([]string, 0, 3)
	if test = cut(Slug(strings.TrimPrefix(test, "Test")), maxTest); test != "" {
		parts = append(parts, test)
	}
	if role = cut(Slug(role), maxRole); role != "" {
		parts = append(parts, role)
	}
	return strings.Join(append(parts, id), "-")
}

// Slug returns s in lower case, with a dash for each run of characters that are
// not letters or digits of ASCII. It may be empty.
func Slug(s string) string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(s) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			dash = false
		} else {
			dash = true
		}
	}
	return b.String()
}

func cut(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.TrimRight(s, "-")
}
