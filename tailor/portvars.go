// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/template"
	"go.yaml.in/yaml/v4"
)

// portVariables returns the variables that the files use for host ports, with
// the port: ${WEB_PORT:-8080}:80. A variable that is used for something else as well
// is not among them. Setting it from without would do the same as the edits here,
// but for a port that would stay open to the network, and for what the plan
// could not show.
func (m *model) portVariables(owners map[int]portOwner) map[string]portOf {
	found := map[string]portOf{}
	for _, c := range m.containers() {
		ports, _ := lookup(m.orig, c.at.join("ports"))
		entries, _ := ports.([]any)
		for _, p := range entries {
			all := publishedOf(p)
			if len(all) != 1 || owners[all[0]] != (portOwner{service: c.name}) {
				continue
			}
			at := m.portSpot(c.at, p.(map[string]any))
			n := resolve(at.n)
			if n == nil || n.Kind != yaml.ScalarNode || !strings.Contains(n.Value, "$") {
				continue
			}
			host, _ := splitPort(n.Value, at.key != nil)
			for _, e := range expressions(host) {
				if name := variableName(e); name != "" && at.l.interpolate(e) == strconv.Itoa(all[0]) {
					found[name] = portOf{c.name, all[0]}
				}
			}
		}
	}
	if len(found) > 0 {
		m.dropUsedOtherwise(found)
	}
	return found
}

// dropUsedOtherwise takes out variables that stand in places where they don't
// mean the host port, or may not: in the port of the container, say.
func (m *model) dropUsedOtherwise(found map[string]portOf) {
	var walk func(n *yaml.Node, tail []string)
	walk = func(n *yaml.Node, tail []string) {
		for i, c := range n.Content {
			under := tail
			if n.Kind == yaml.MappingNode {
				if i%2 == 0 {
					continue
				}
				under = append(tail[:len(tail):len(tail)], n.Content[i-1].Value)
			}
			walk(c, under)
		}
		if n.Kind != yaml.ScalarNode || !strings.Contains(n.Value, "$") {
			return
		}
		rest := n.Value
		for _, key := range tail {
			switch key {
			case "ports":
				_, rest = splitPort(n.Value, tail[len(tail)-1] == "published")
			case "environment", "command", "entrypoint", "labels":
				rest = ""
			case "healthcheck", "build":
				rest = n.Value
			}
		}
		for _, e := range expressions(rest) {
			delete(found, variableName(e))
		}
	}
	for _, l := range m.src.layers {
		walk(l.root, nil)
	}
}

// followVariables puts the leased number where the files put the variable.
func (m *model) followVariables(ref *portReference, variables map[string]portOf) {
	if len(variables) == 0 || ref.from.l != nil || ref.left != "" || m.spec.PortReferences == "off" {
		return
	}
	at := m.src.find(ref.find)
	n := resolve(at.n)
	if n == nil || n.Kind != yaml.ScalarNode || at.l.interpolate(n.Value) != ref.prefix+ref.value && at.l.interpolate(n.Value) != ref.value {
		return
	}
	values := map[string]string{}
	for _, e := range expressions(n.Value) {
		if port, ok := variables[variableName(e)]; ok {
			values[variableName(e)] = m.portMark(port.service, port.published)
			ref.words, ref.to = append(ref.words, e), append(ref.to, values[variableName(e)])
			ref.owner = port.service
			m.told(ref, port.service, port.published)
		}
	}
	if len(values) == 0 {
		return
	}
	value, err := template.SubstituteWithOptions(n.Value, func(name string) (string, bool) {
		if v, ok := values[name]; ok {
			return v, true
		}
		v, ok := at.l.env[name]
		return v, ok
	}, template.WithoutLogging)
	if err == nil {
		ref.value = strings.TrimPrefix(value, ref.prefix)
	}
}

// splitPort splits a port in the short form before the port of the container.
// The long form has the host port alone.
func splitPort(s string, long bool) (host, target string) {
	if long {
		return s, ""
	}
	depth, at := 0, -1
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			depth--
		case ':':
			if depth == 0 {
				at = i
			}
		}
	}
	if at < 0 {
		return "", s
	}
	return s[:at], s[at:]
}

// expressions returns the variables in a text, as they are written there.
func expressions(s string) []string {
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

func variableName(expression string) string {
	body := strings.TrimPrefix(strings.TrimPrefix(expression, "$"), "{")
	return body[:nameLength(body)]
}
