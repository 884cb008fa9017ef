// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"regexp"
	"strings"
)

// Values that are known only when a stack runs go through the model as
// placeholders, which look like nothing that a file would have, and are written
// out as variables.
const (
	variableStart = "seatrial0variable0"
	variableEnd   = "0end"
)

var (
	stackName    = placeholder(stackVariable)
	placeholders = regexp.MustCompile(variableStart + `([A-Z0-9_]+)` + variableEnd)
)

func placeholder(variable string) string { return variableStart + variable + variableEnd }

// withVariables writes placeholders as the variables that they stand for.
func withVariables(s string) string {
	if !strings.Contains(s, variableStart) {
		return s
	}
	return placeholders.ReplaceAllString(s, "$${$1}")
}

// variable makes a variable of a kind, SEATRIAL_PORT_WEB_8080, and remembers
// what stands in for it when the document is checked.
func (m *stackModel) variable(standIn string, words ...string) string {
	base := "SEATRIAL_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		}
		return '_'
	}, strings.Join(words, "_"))
	name := base
	for i := 2; m.taken[name] != ""; i++ {
		name = fmt.Sprintf("%s_%d", base, i)
	}
	m.taken[name] = standIn
	return name
}

// withStandIns puts stand-ins in the place of placeholders.
func (m *stackModel) withStandIns(s string) string {
	if !strings.Contains(s, variableStart) {
		return s
	}
	return placeholders.ReplaceAllStringFunc(s, func(p string) string {
		if p == stackName {
			return stackStandIn
		}
		return m.taken[strings.TrimSuffix(strings.TrimPrefix(p, variableStart), variableEnd)]
	})
}
