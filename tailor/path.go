// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"strconv"
	"strings"
)

// path is a place in the loaded model: string keys and int indexes.
type path []any

func (p path) join(steps ...any) path {
	return append(p[:len(p):len(p)], steps...)
}

// String writes services.web.ports[0]; a key that would be misread is quoted.
func (p path) String() string {
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

// service returns the name of the service that the path is in.
func (p path) service() string {
	if len(p) > 1 && p[0] == "services" {
		return p[1].(string)
	}
	return ""
}

// subject names what the path is in, for people: "service web", "network front".
func (p path) subject() string {
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

// prefixOf tells whether q lies at or under p.
func (p path) prefixOf(q path) bool {
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
