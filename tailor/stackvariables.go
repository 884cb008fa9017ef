// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/blank"
	"github.com/seatrial/seatrial/tailor/internal/substitution"
	"go.yaml.in/yaml/v4"
)

// scanStack looks for variables without a value, as scan does, by the simpler
// rules of docker stack deploy. What stands under x-… counts if it is used.
func (m *stackScanner) scanStack(l *layer) {
	words := loaderWords{
		loader: "docker stack deploy", gives: "gives it one", message: func(_ *layer, message string) string { return message },
		besides: func(name string) string {
			if m.inDotEnv(name) {
				return "; .env has it, which docker stack deploy does not read"
			}
			return ""
		},
	}
	m.scanner.walk(l, l.root, nil, substitution.MissingInStack, true, func(n *yaml.Node, tail []string, v substitution.Variable, harm blank.Harm) {
		if len(tail) > 0 && tail[len(tail)-1] == "container_name" { // which it does not use
			harm = blank.None
		}
		m.scanner.missingVariable(l, n, tail, v, harm, words)
	})
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
