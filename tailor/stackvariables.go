// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/blank"
	"github.com/seatrial/seatrial/tailor/internal/substitution"
	"go.yaml.in/yaml/v4"
)

var (
	stackRequiredVariable = rule{
		name: "required-variable", severity: Refuse,
		reason: "the file demands a value",
	}
	stackVitalVariable = rule{
		name: "unset-variable", severity: Refuse,
		reason: "a blank port or path is not what the file means",
	}
	stackUnsetVariable = rule{
		name: "unset-variable", severity: Warning,
		reason: "docker stack deploy puts nothing in its place",
	}
)

// scanStack looks for variables without a value, as scan does, by the simpler
// rules of docker stack deploy. What stands under x-… counts if it is used.
func (m *stackScanner) scanStack(l *layer, n *yaml.Node, tail []string) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			if passes(tail) && v.Kind == yaml.ScalarNode && v.Tag == "!!null" {
				m.scanner.passThrough(l, k, tail)
			}
			m.scanStack(l, v, append(tail[:len(tail):len(tail)], k.Value))
		}
	case yaml.SequenceNode:
		for _, e := range n.Content {
			if passes(tail) && e.Kind == yaml.ScalarNode && !strings.Contains(e.Value, "=") {
				m.scanner.passThrough(l, e, tail)
			}
			m.scanStack(l, e, append(tail[:len(tail):len(tail)], "[]"))
		}
	case yaml.ScalarNode:
		missing := blanked(l, n, tail, substitution.MissingInStack(n.Value, l.env))
		for _, v := range missing {
			m.stackMissingVariable(l, n, tail, v, l.harm(n, tail, missing))
		}
	}
}

func (m *stackScanner) stackMissingVariable(l *layer, n *yaml.Node, tail []string, v substitution.Variable, harm blank.Harm) {
	r := stackUnsetVariable
	what := fmt.Sprintf("variable %s has no value", v.Name)
	switch {
	case v.Required:
		r = stackRequiredVariable
		if v.Message != "" {
			what += ": " + v.Message
		}
	case harm == blank.NoReference:
		r = stackVitalVariable
		r.reason = noReference
	case harm == blank.Unreadable:
		r = stackVitalVariable
		r.reason = "with a blank docker stack deploy does not read it"
	case harm == blank.Doubtful && !m.spec.Isolate, harm == blank.Useless:
		r = stackVitalVariable
	}
	if m.inDotEnv(v.Name) {
		r.reason += "; .env has it, which docker stack deploy does not read"
	}
	var ways []Fix
	ways = append(ways, Fix{Field: "Env", Key: v.Name, Value: "VALUE", Does: "gives it one"})
	if r.severity == Refuse && !v.Required && harm == blank.Doubtful {
		ways = append(ways, isolate)
	}
	m.reportOnce(&r, modelPath(tail), spot{l: l, n: n}, what, ways...)
}

// inDotEnv tells whether a .env beside the files has a variable: Compose would
// read it.
func (m *stackScanner) inDotEnv(name string) bool {
	content, err := m.in.read(absolute(m.in.dir, ".env"))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(content)) {
		key, _, ok := strings.Cut(strings.TrimSpace(line), "=")
		if ok && strings.TrimSpace(strings.TrimPrefix(key, "export ")) == name {
			return true
		}
	}
	return false
}
