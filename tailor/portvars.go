// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/template"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/portentry"
	"github.com/seatrial/seatrial/tailor/internal/substitution"
	"go.yaml.in/yaml/v4"
)

// portVariables returns the variables that the files use for host ports, with
// the port: ${WEB_PORT:-8080}:80. A variable that is used for something else as well
// is not among them. Setting it from without would do the same as the edits here,
// but for a port that would stay open to the network, and for what the plan
// could not show.
func (m *portReader) portVariables(owners map[int]portOwner) map[string]portOf {
	found := map[string]portOf{}
	for _, c := range m.containers() {
		ports, _ := modeltree.Lookup(m.orig, c.at.Join("ports"))
		entries, _ := ports.([]any)
		for _, p := range entries {
			all := portentry.Published(p)
			if len(all) != 1 || owners[all[0]] != (portOwner{service: c.name}) {
				continue
			}
			at := m.hostPorts.portSpot(c.at, p.(map[string]any))
			n := resolve(at.n)
			if n == nil || n.Kind != yaml.ScalarNode || !strings.Contains(n.Value, "$") {
				continue
			}
			host, _ := portentry.Split(n.Value, at.key != nil)
			for _, e := range substitution.Expressions(host) {
				if name := substitution.NameIn(e); name != "" && at.l.interpolate(e) == strconv.Itoa(all[0]) {
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
func (m *portReader) dropUsedOtherwise(found map[string]portOf) {
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
				_, rest = portentry.Split(n.Value, tail[len(tail)-1] == "published")
			case "environment", "command", "entrypoint", "labels":
				rest = ""
			case "healthcheck", "build":
				rest = n.Value
			}
		}
		for _, e := range substitution.Expressions(rest) {
			delete(found, substitution.NameIn(e))
		}
	}
	for _, l := range m.src.layers {
		walk(l.root, nil)
	}
}

// followVariables puts the leased number where the files put the variable.
func (m *portReader) followVariables(ref *portReference, variables map[string]portOf) {
	if len(variables) == 0 || ref.from.l != nil || ref.left != "" || m.spec.PortReferences == "off" {
		return
	}
	at := m.src.find(ref.find)
	n := resolve(at.n)
	if n == nil || n.Kind != yaml.ScalarNode || at.l.interpolate(n.Value) != ref.prefix+ref.value && at.l.interpolate(n.Value) != ref.value {
		return
	}
	values := map[string]string{}
	for _, e := range substitution.Expressions(n.Value) {
		if port, ok := variables[substitution.NameIn(e)]; ok {
			values[substitution.NameIn(e)] = m.portMark(port.service, port.published)
			ref.words, ref.to = append(ref.words, e), append(ref.to, values[substitution.NameIn(e)])
			ref.owner = port.service
			m.told(ref, "", port.service, port.published)
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
