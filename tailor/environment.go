// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/substitution"
	"go.yaml.in/yaml/v4"
)

var (
	requiredVariable = rule{
		name: "required-variable", severity: Refuse,
		reason: "the file demands a value",
	}
	vitalVariable = rule{
		name: "unset-variable", severity: Refuse,
		reason: "a blank in an image, port or path is not what the file means",
	}
	unsetVariable = rule{
		name: "unset-variable", severity: Warning,
		reason: "Compose puts nothing in its place",
	}
	passedVariable = rule{
		name: "pass-through", severity: Note,
		reason: "the container gets no such variable",
	}
	oldFormat = rule{
		name: "format", severity: Refuse,
		reason: "Compose has not read files in which services stand at the top since 2023",
		hint:   "indent it all under a first line `services:`",
	}
)

// beforeLoading looks at what would make the loader give up at the first of
// several problems: variables, and files of the first format. It tells whether
// loading is bound to fail.
func (m *model) beforeLoading() (hopeless bool) {
	m.plan.Texts = m.in.texts
	m.reportReplaced()
	for _, l := range m.src.layers {
		if m.firstFormat(l) {
			return true
		}
		m.scan(l, l.root, nil, false)
	}
	for _, b := range m.src.extendedFiles() {
		m.scanBase(b)
	}
	return slices.ContainsFunc(m.plan.Findings, func(f Finding) bool { return f.Rule == requiredVariable.name })
}

// firstFormat reports a file that has services at the top.
func (m *model) firstFormat(l *layer) bool {
	for i := 0; i+1 < len(l.root.Content) && l.root.Kind == yaml.MappingNode; i += 2 {
		switch k := l.root.Content[i]; k.Value {
		case "services", "include", "networks", "volumes", "secrets", "configs", "jobs", "models":
			return false
		}
	}
	for i := 0; i+1 < len(l.root.Content) && l.root.Kind == yaml.MappingNode; i += 2 {
		k, v := l.root.Content[i], l.root.Content[i+1]
		image, _ := child(v, "image")
		build, _ := child(v, "build")
		if image != nil || build != nil {
			m.report(&oldFormat, modeltree.Path{k.Value}, spot{l: l, n: k}, fmt.Sprintf("%q stands at the top of the file", k.Value))
			return true
		}
	}
	return false
}

// scan looks at every value under n once, where it is written: aliases are not
// followed. tail is the path in the document.
func (m *model) scan(l *layer, n *yaml.Node, tail []string, requiredOnly bool) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			if !requiredOnly && passes(tail) && v.Kind == yaml.ScalarNode && v.Tag == "!!null" {
				m.passThrough(l, k, tail)
			}
			m.scan(l, v, append(tail[:len(tail):len(tail)], k.Value), requiredOnly)
		}
	case yaml.SequenceNode:
		for _, e := range n.Content {
			if !requiredOnly && passes(tail) && e.Kind == yaml.ScalarNode && !strings.Contains(e.Value, "=") {
				m.passThrough(l, e, tail)
			}
			m.scan(l, e, append(tail[:len(tail):len(tail)], "[]"), requiredOnly)
		}
	case yaml.ScalarNode:
		for _, v := range blanked(l, n, tail, substitution.Missing(n.Value, l.env)) {
			m.missingVariable(l, n, tail, v, requiredOnly)
		}
	}
}

// scanBase looks at a file that was only extended: at all of it for what makes
// the loader give up, and at the services that are used for the rest.
func (m *model) scanBase(b *layer) {
	used := m.src.used[b]
	for i := 0; i+1 < len(b.root.Content); i += 2 {
		k, v := b.root.Content[i], resolve(b.root.Content[i+1])
		for j := 0; k.Value == "services" && j+1 < len(v.Content); j += 2 {
			name := v.Content[j].Value
			m.scan(b, v.Content[j+1], []string{"services", name}, !used[name])
		}
		if k.Value != "services" {
			m.scan(b, v, []string{k.Value}, true)
		}
	}
}

func (m *model) missingVariable(l *layer, n *yaml.Node, tail []string, v substitution.Variable, requiredOnly bool) {
	r := unsetVariable
	what := fmt.Sprintf("variable %s has no value", v.Name)
	switch {
	case v.Required:
		r = requiredVariable
		if v.Message != "" {
			what += ": " + l.interpolate(v.Message)
		}
	case requiredOnly:
		return
	case unreadable(tail, l.interpolate(n.Value)):
		r = vitalVariable
		r.reason = "with a blank Compose does not read it"
	case vital(tail, n.Value) && !m.spec.Isolate:
		r = vitalVariable
	}
	var ways []Fix
	ways = append(ways, Fix{Field: "Env", Key: v.Name, Value: "VALUE", Does: "gives it one, like a line in the project's .env"})
	if r.severity == Refuse && !v.Required && !unreadable(tail, l.interpolate(n.Value)) {
		ways = append(ways, isolate)
	}
	m.reportOnce(&r, modelPath(tail), spot{l: l, n: n}, what, ways...)
}

func (m *model) passThrough(l *layer, n *yaml.Node, tail []string) {
	name := l.interpolate(n.Value)
	if _, ok := l.env[name]; !ok && name != "" {
		r := passedVariable
		m.reportOnce(&r, modelPath(tail), spot{l: l, n: n}, fmt.Sprintf("variable %s is passed through, and has no value", name),
			Fix{Field: "Env", Key: name, Value: "VALUE", Does: "gives it one, if it is needed"})
	}
}

// reportOnce adds places to a finding that is there already, so that a
// variable that is used everywhere is one finding.
func (m *model) reportOnce(r *rule, at modeltree.Path, from spot, what string, ways ...Fix) {
	for i := range m.plan.Findings {
		f := &m.plan.Findings[i]
		if f.Rule == r.name && f.Severity == r.severity && f.File == from.l.shown && (f.What == what || strings.HasPrefix(f.What, what+", ")) {
			line := fmt.Sprintf(" %d", from.n.Line)
			switch {
			case f.Line == from.n.Line:
			case f.What == what:
				f.What += ", also in line" + line
			case !strings.HasSuffix(f.What, line):
				f.What = strings.Replace(f.What, ", also in line ", ", also in lines ", 1) + "," + line
			}
			return
		}
	}
	m.report(r, at, from, what, ways...)
}

// passes tells whether a name without a value is taken from the environment.
func passes(tail []string) bool {
	return len(tail) > 0 && (tail[len(tail)-1] == "environment" || tail[len(tail)-1] == "args" && slices.Contains(tail, "build"))
}

// vital tells whether a blank breaks what the value says: in an image, a port
// or a path. A blank host port is none of these, the engine chooses one then.
func vital(tail []string, value string) bool {
	for _, key := range []string{"environment", "labels", "args", "annotations", "healthcheck"} {
		if slices.Contains(tail, key) {
			return false
		}
	}
	item := len(tail) > 0 && tail[len(tail)-1] == "[]"
	words := slices.DeleteFunc(slices.Clone(tail), func(key string) bool { return key == "[]" })
	if len(words) == 0 {
		return false
	}
	last, above := words[len(words)-1], ""
	if len(words) > 1 {
		above = words[len(words)-2]
	}
	switch last {
	case "image", "context", "dockerfile", "device", "env_file", "file", "path":
		return true
	case "source", "target":
		return above == "volumes" || above == "ports"
	case "volumes":
		return item
	case "ports":
		return item && len(substitution.Missing(value[strings.LastIndex(value, ":")+1:], nil)) > 0
	}
	return false
}

// blanked adds to the variables without a value those of which the value is a
// blank, where that is nothing that can be read: ${DATA:-}:/data.
func blanked(l *layer, n *yaml.Node, tail []string, all []substitution.Variable) []substitution.Variable {
	if len(all) > 0 || !strings.Contains(n.Value, "$") || !unreadable(tail, l.interpolate(n.Value)) {
		return all
	}
	for _, e := range substitution.Expressions(n.Value) {
		if name := substitution.NameIn(e); name != "" && l.interpolate(e) == "" {
			all = append(all, substitution.Variable{Name: name})
		}
	}
	return all
}

// unreadable tells whether a mount, port or env file has lost a part that has to
// be there.
func unreadable(tail []string, value string) bool {
	words := slices.DeleteFunc(slices.Clone(tail), func(key string) bool { return key == "[]" })
	if len(words) == 0 || words[0] != "services" {
		return false
	}
	item := tail[len(tail)-1] == "[]"
	switch words[len(words)-1] {
	case "volumes":
		return item && (value == "" || strings.HasPrefix(value, ":") || strings.HasSuffix(value, ":"))
	case "ports":
		target, _, _ := strings.Cut(value[strings.LastIndex(value, ":")+1:], "/")
		return item && target == ""
	case "env_file":
		return value == ""
	}
	return false
}

func modelPath(tail []string) modeltree.Path {
	var p modeltree.Path
	for _, key := range tail {
		if key != "[]" {
			p = append(p, key)
		}
	}
	return p
}
