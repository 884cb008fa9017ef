// SPDX-License-Identifier: Apache-2.0

// Package unresolved says why a container did not find another one by its name. "no such
// host" names the other one at best, and not that the two are in no network together, or
// that the other one does not run.
//
// It finds the name in what the program printed, and compares where the two are. It promises
// to say nothing where it cannot be sure. It knows no engine: who is where, it is told.
package unresolved

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Member is a container, or a service, by the name under which others look for it.
type Member struct {
	Name     string
	Networks []string
	Running  bool
}

// The rules by which names are found.
const (
	SameNetwork = "a name is found only by containers of the same network"
	WhileItRuns = "a name is found only while its container does"
)

var refusal = regexp.MustCompile(`(?i)no such host|could not translate host name|ENOTFOUND|EAI_AGAIN|resolve host|name or service not known|name resolution|UnknownHost|nxdomain|non-existing domain|bad address|nodename nor servname|host not found`)

// Told reports whether a line says that a name was not found.
func Told(line string) bool { return refusal.MatchString(line) }

// Why says why a name that a line of one container tells of was not found, and by which
// rule; nothing if that cannot be told. Others may have the container itself among them.
func Why(line string, from Member, others []Member) (why, rule string) {
	if !Told(line) {
		return "", ""
	}
	for _, other := range others {
		if other.Name == from.Name || len(from.Networks) == 0 || len(other.Networks) == 0 || !isWordOf(line, other.Name) {
			continue
		}
		if !slices.ContainsFunc(from.Networks, func(n string) bool { return slices.Contains(other.Networks, n) }) {
			return fmt.Sprintf("%s is in %s, %s in %s", from.Name, in(from), other.Name, in(other)), SameNetwork
		}
		if !other.Running {
			return other.Name + " does not run", WhileItRuns
		}
	}
	return "", ""
}

func isWordOf(text, word string) bool {
	return regexp.MustCompile(`(^|[^\w.-])` + regexp.QuoteMeta(word) + `($|[^\w.-]|\.($|\s))`).MatchString(text)
}

func in(m Member) string {
	if len(m.Networks) == 1 {
		return "network " + m.Networks[0]
	}
	return "networks " + strings.Join(m.Networks, ", ")
}
