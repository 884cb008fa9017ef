// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/tailor/internal/blank"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/substitution"
	"go.yaml.in/yaml/v4"
)

// scanner looks at the files before they are loaded.
type scanner struct {
	*document
	*decisions
	// assumed are variables without which the files cannot be read.
	assumed []assumption
}

var (
	requiredVariable = rule{
		name: "required-variable", severity: Refuse,
		reason: "the file demands a value",
		doc: row{
			files:   "`${NAME:?message}` without a value",
			becomes: "refused",
		},
	}
	vitalVariable = rule{
		name: "unset-variable", severity: Refuse,
		reason: "a blank port or path is not what the file means",
		doc: row{
			files: "a variable without value or default",
			becomes: "refused if the blank leaves an image that is not a reference (`app:${TAG}`), or nothing of a port, of a path or of its first " +
				"directory (`${DATA}/db:/db`); otherwise a warning (`${REGISTRY}app:1`, `${PREFIX}store:/store`; `\"${PORT}:80\"` is a port that " +
				"Docker chooses). `Env` gives it a value. `Isolate` is no help in an image, nor where a blank cannot be read (`${DATA}:/data`)",
		},
	}
	unsetVariable = rule{
		name: "unset-variable", severity: Warning,
	}
	passedVariable = rule{
		name: "pass-through", severity: Note,
		reason: "the container gets no such variable",
		doc: row{
			files:   "`environment: [NAME]` without a value",
			becomes: "a note",
		},
	}
	oddKey = rule{
		name: "format", severity: Refuse,
		reason: "docker compose up to 5.5 reads it, by compose-go 2.15; newer ones don't, nor does seatrial, by compose-go 2.16",
		hint:   "give it another key, and name: if it has to be called that",
		doc: row{
			files: "a file that Compose does not read, or no longer reads: keys of networks and models with characters other than letters, digits, " +
				"`.`, `_` and `-`, which docker compose 5.5 reads and newer ones do not",
			becomes: "refused",
		},
	}
	// noReference is the reason where a blank is in an image.
	noReference = "with a blank it is no name of an image"
	oldFormat   = rule{
		name: "format", severity: Refuse,
		reason: "Compose has not read files in which services stand at the top since 2023",
		hint:   "indent it all under a first line `services:`",
	}
)

// beforeLoading looks at what would make the loader give up at the first of
// several problems: variables, and files of the first format. It tells whether
// loading is bound to fail.
func (m *scanner) beforeLoading() (hopeless bool) {
	m.plan.Texts = m.in.texts
	m.reportReplaced()
	hopeless = m.leftPlaceholders()
	for _, l := range m.src.layers {
		if m.firstFormat(l) {
			return true
		}
		hopeless = m.oddKeys(l) || hopeless
		m.scan(l, l.root, nil, false)
	}
	for _, b := range m.src.extendedFiles() {
		m.scanBase(b)
	}
	return hopeless || slices.ContainsFunc(m.plan.Findings, func(f Finding) bool { return f.Rule == requiredVariable.name })
}

// leftPlaceholders refuses variables that were given the word in the hint for them, in the
// place of a value. What the loader says of such a value does not name the variable.
func (m *scanner) leftPlaceholders() (found bool) {
	for _, name := range slices.Sorted(maps.Keys(m.spec.Env)) {
		if m.spec.Env[name] == valuePlaceholder {
			found = true
			m.reportSpec("Env", fmt.Sprintf("Env[%q] is still %s: put the real value there", name, valuePlaceholder), "")
		}
	}
	return found
}

// oddKeys reports keys that an older docker compose takes, and this loader and the newer
// ones don't: other differences between them there are none.
func (m *scanner) oddKeys(l *layer) bool {
	found := false
	for _, kind := range []string{"networks", "models"} {
		section, _ := child(l.root, kind)
		eachEntry(section, func(name string, key, _ *yaml.Node) {
			if name != "<<" && !plainName.MatchString(name) && !strings.HasPrefix(name, "x-") {
				found = true
				m.report(&oddKey, modeltree.Path{kind, name}, spot{l: l, n: key}, fmt.Sprintf("key %q has other characters than letters, digits, '.', '_' and '-'", name))
			}
		})
	}
	return found
}

// firstFormat reports a file that has services at the top.
func (m *scanner) firstFormat(l *layer) bool {
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
func (m *scanner) scan(l *layer, n *yaml.Node, tail []string, requiredOnly bool) {
	m.walk(l, n, tail, substitution.Missing, !requiredOnly, func(n *yaml.Node, tail []string, v substitution.Variable, harm blank.Harm) {
		if !requiredOnly || v.Required {
			m.missingVariable(l, n, tail, v, harm, composeWords)
		}
	})
}

// walk calls found for each variable without a value, as missing has them, and what its
// blank does. Names that are passed through and have none are reported if passed says so.
func (m *scanner) walk(l *layer, n *yaml.Node, tail []string, missing func(string, map[string]string) []substitution.Variable, passed bool,
	found func(*yaml.Node, []string, substitution.Variable, blank.Harm)) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			if passed && passes(tail) && v.Kind == yaml.ScalarNode && v.Tag == "!!null" {
				m.passThrough(l, k, tail)
			}
			m.walk(l, v, append(tail[:len(tail):len(tail)], k.Value), missing, passed, found)
		}
	case yaml.SequenceNode:
		for _, e := range n.Content {
			if passed && passes(tail) && e.Kind == yaml.ScalarNode && !strings.Contains(e.Value, "=") {
				m.passThrough(l, e, tail)
			}
			m.walk(l, e, append(tail[:len(tail):len(tail)], "[]"), missing, passed, found)
		}
	case yaml.ScalarNode:
		all := blanked(l, n, tail, missing(n.Value, l.env))
		for _, v := range all {
			found(n, tail, v, l.harm(n, tail, all))
		}
	}
}

// scanBase looks at a file that was only extended: at all of it for what makes
// the loader give up, and at the services that are used for the rest.
func (m *scanner) scanBase(b *layer) {
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

// A loaderWords is what there is to say of variables besides the variable: by whom the
// files are read, and how.
type loaderWords struct {
	loader  string
	gives   string                                // what Env does
	message func(l *layer, message string) string // of a variable that is demanded
	besides func(name string) string              // after the reason
}

var composeWords = loaderWords{
	loader: "Compose", gives: "gives it one, like a line in the project's .env", message: (*layer).interpolate,
	besides: func(string) string { return "" },
}

func (m *scanner) missingVariable(l *layer, n *yaml.Node, tail []string, v substitution.Variable, harm blank.Harm, words loaderWords) {
	r := unsetVariable
	r.reason = words.loader + " puts nothing in its place"
	what := fmt.Sprintf("variable %s has no value", v.Name)
	switch {
	case v.Required:
		r = requiredVariable
		if v.Message != "" {
			what += ": " + words.message(l, v.Message)
		}
	case harm == blank.NoReference:
		r = vitalVariable
		r.reason = noReference
	case harm == blank.Unreadable:
		r = vitalVariable
		r.reason = "with a blank " + words.loader + " does not read it"
	case harm == blank.Doubtful && !m.spec.Isolate, harm == blank.Useless:
		r = vitalVariable
	}
	r.reason += words.besides(v.Name)
	if v.Required || harm == blank.Unreadable {
		m.assume(v.Name, tail, n.Value)
	}
	var ways []Fix
	ways = append(ways, Fix{Field: "Env", Key: v.Name, Value: valuePlaceholder, Does: words.gives})
	if r.severity == Refuse && !v.Required && harm == blank.Doubtful {
		ways = append(ways, isolate)
	}
	m.reportOnce(&r, modelPath(tail), spot{l: l, n: n}, what, ways...)
}

func (m *scanner) passThrough(l *layer, n *yaml.Node, tail []string) {
	name := l.interpolate(n.Value)
	if _, ok := l.env[name]; !ok && name != "" {
		r := passedVariable
		m.reportOnce(&r, modelPath(tail), spot{l: l, n: n}, fmt.Sprintf("variable %s is passed through, and has no value", name),
			Fix{Field: "Env", Key: name, Value: valuePlaceholder, Does: "gives it one, if it is needed"})
	}
}

// passes tells whether a name without a value is taken from the environment.
func passes(tail []string) bool {
	return len(tail) > 0 && (tail[len(tail)-1] == "environment" || tail[len(tail)-1] == "args" && slices.Contains(tail, "build"))
}

// blanked adds to the variables without a value those of which the value is a
// blank, where that is nothing that can be read: ${DATA:-}:/data.
func blanked(l *layer, n *yaml.Node, tail []string, all []substitution.Variable) []substitution.Variable {
	if len(all) > 0 || !strings.Contains(n.Value, "$") {
		return all
	}
	var blanks []substitution.Variable
	for _, e := range substitution.Expressions(n.Value) {
		if name := substitution.NameIn(e); name != "" && l.interpolate(e) == "" {
			blanks = append(blanks, substitution.Variable{Name: name})
		}
	}
	if l.harm(n, tail, blanks) < blank.Unreadable {
		return nil
	}
	return blanks
}

// harm tells what the blanks of some variables do to a value.
func (l *layer) harm(n *yaml.Node, tail []string, variables []substitution.Variable) blank.Harm {
	return blank.Of(tail, l.interpolateWith(n.Value, func(name string) (string, bool) {
		return blank.Mark, slices.ContainsFunc(variables, func(v substitution.Variable) bool { return v.Name == name })
	}))
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

// reportReplaced reports what is wrong with Replace in the spec.
func (m *scanner) reportReplaced() {
	for _, what := range m.in.wrong {
		m.reportSpec("Replace", what, "each key must stand in one of the files, as it is written there")
	}
	for _, t := range m.in.texts {
		if m.in.overrideOnly {
			m.reportSpec("Replace", fmt.Sprintf("Replace changes %s, and an override on top of what is shipped does not", m.in.shown(t.File)), "Env, Images and the like can be said in an override")
		}
	}
	for _, what := range m.in.idle {
		m.plan.Findings = append(m.plan.Findings, Finding{Rule: "spec", Severity: Warning, Place: Place{Path: "Replace"}, What: what})
	}
}
