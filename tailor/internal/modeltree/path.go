// SPDX-License-Identifier: Apache-2.0

package modeltree

import (
	"strconv"
	"strings"
)

// Path is a place in the loaded model: string keys and int indexes.
type Path []any

// Join returns the place some steps further in; p stays what it is.
func (p Path) Join(steps ...any) Path {
	return append(p[:len(p):len(p)], steps...)
}

// String writes services.web.ports[0]; a key that would be misread is quoted.
func (p Path) String() string {
	var b strings.Builder
	for i, step := range p {
		switch step := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(step) + "]")
		case string:
			if i > 0 {
				b.WriteByte('.')
			}
			if step == "" || strings.ContainsAny(step, ".[]\" \n") {
				step = strconv.Quote(step)
			}
			b.WriteString(step)
		}
	}
	return b.String()
}

// Service returns the name of the service that the path is in.
func (p Path) Service() string {
	if len(p) > 1 && p[0] == "services" {
		return p[1].(string)
	}
	return ""
}

// Subject names what the path is in, for people: "service web", "network front".
func (p Path) Subject() string {
	if len(p) > 1 {
		if name, ok := p[1].(string); ok {
			switch p[0] {
			case "services", "jobs", "networks", "volumes", "secrets", "configs":
				return strings.TrimSuffix(p[0].(string), "s") + " " + name
			}
		}
	}
	return ""
}

// PrefixOf tells whether q lies at or under p.
func (p Path) PrefixOf(q Path) bool {
	if len(p) > len(q) {
		return false
	}
	for i := range p {
		if p[i] != q[i] {
			return false
		}
	}
	return true
}
