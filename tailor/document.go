// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
	"go.yaml.in/yaml/v4"
)

// document is what the files say, on its way to a plan: the loaded model with the edits
// made so far, and what was found. Rules look at it, and change it by edit and nothing
// else.
type document struct {
	in   *input
	src  *sources
	plan *Plan
	// orig is the model as it was loaded, tree the same with the edits.
	orig    map[string]any
	tree    map[string]any
	project *types.Project // nil for a stack
	err     error          // of an edit: a bug of a rule
}

func newDocument(in *input, src *sources, p spec.Project) *document {
	plan := &Plan{
		Spec: p, Dir: in.dir, EnvFiles: in.envFiles, Profiles: in.profiles, Env: in.process,
		CopyLimit: cmp.Or(p.CopyLimit, defaultCopyLimit), Findings: []Finding{}, Edits: []Edit{}, Services: []Service{}, Networks: []string{}, Volumes: []string{},
	}
	for _, f := range in.files {
		plan.Files, plan.order = append(plan.Files, f.name), append(plan.order, f.shown)
	}
	return &document{in: in, src: src, plan: plan}
}

// get returns the value at p with the edits made so far, nil if there is none.
func (m *document) get(p modeltree.Path) any {
	v, _ := modeltree.Lookup(m.tree, p)
	return v
}

// change is what a rule asks edit to do.
type change struct {
	at modeltree.Path
	// value is the new one; drop takes the old one away instead.
	value any
	drop  bool
	// what happens, in words.
	what string
	// one is the word in what that sets it apart from others of its kind.
	one string
	// quiet leaves it out of what people read: another edit says it.
	quiet bool
	// reason and treatment, if they are not the rule's.
	reason    string
	treatment Treatment
	// from is where it was written, if find does not find it.
	from spot
}

// edit makes a change and notes it in the plan.
func (m *document) edit(r *rule, c change) {
	old, had := modeltree.Lookup(m.tree, c.at)
	if !had {
		old = nil
	}
	if c.from.l == nil {
		c.from = m.src.find(c.at)
	}
	e := Edit{
		Rule: r.name, Treatment: r.treatment, Place: c.from.place(c.at),
		Old: placeholder.Shown(modeltree.Clone(old)), New: placeholder.Shown(modeltree.Clone(c.value)), What: placeholder.ShownText(c.what), Reason: r.reason,
		at: c.at, value: c.value, drop: c.drop, one: c.one, quiet: c.quiet,
	}
	if c.reason != "" {
		e.Reason = c.reason
	}
	if c.treatment != "" {
		e.Treatment = c.treatment
	}
	if err := modeltree.Put(m.tree, c.at, c.value, c.drop); err != nil && m.err == nil {
		m.err = fmt.Errorf("rule %s: %w", r.name, err)
	}
	m.plan.Edits = append(m.plan.Edits, e)
}

// report notes a finding of the rule's severity, reason and hint, and with the
// ways that settle it.
func (m *document) report(r *rule, at modeltree.Path, from spot, what string, ways ...Fix) {
	if from.l == nil {
		from = m.src.find(at)
	}
	for i, w := range ways {
		ways[i].Key, ways[i].Value = placeholder.ShownText(w.Key), placeholder.ShownText(w.Value)
	}
	m.plan.Findings = append(m.plan.Findings, Finding{
		Rule: r.name, Severity: r.severity, Place: from.place(at), What: placeholder.ShownText(what), Reason: r.reason, Hint: placeholder.ShownText(r.hint), Fixes: ways, at: at,
	})
}

// reportSpec refuses something that the spec says, which stands in no file.
func (m *document) reportSpec(field, what, hint string) {
	f := Finding{Rule: "spec", Severity: Refuse, Place: Place{Path: field}, What: what, Hint: hint}
	if !slices.ContainsFunc(m.plan.Findings, func(o Finding) bool { return o.Path == field && o.What == what }) { // once for all services
		m.plan.Findings = append(m.plan.Findings, f)
	}
}

func (m *document) refused() bool {
	return slices.ContainsFunc(m.plan.Findings, func(f Finding) bool { return f.Severity == Refuse })
}

// container is a service or job of the model.
type container struct {
	at   modeltree.Path // services.web
	name string
	body map[string]any
}

// containers returns services and jobs, sorted: those that are off as well.
func (m *document) containers() []container {
	var all []container
	for _, kind := range []string{"services", "jobs"} {
		section := modeltree.Mapping(m.tree, kind)
		for _, name := range slices.Sorted(maps.Keys(section)) {
			if body, ok := section[name].(map[string]any); ok {
				all = append(all, container{modeltree.Path{kind, name}, name, body})
			}
		}
	}
	return all
}

// networks returns the keys of the networks that the container joins, sorted.
// None means that it shares the network of something else, or has none.
func (c container) networks() []string {
	if c.body["network_mode"] != nil || c.body["provider"] != nil {
		return nil
	}
	if names := slices.Sorted(maps.Keys(modeltree.Mapping(c.body, "networks"))); len(names) > 0 {
		return names
	}
	return []string{"default"}
}

// resources returns the mappings of a top-level section, sorted by key. The
// mapping is nil for a key without a value.
func (m *document) resources(kind string) []container {
	var all []container
	section := modeltree.Mapping(m.tree, kind)
	for _, key := range slices.Sorted(maps.Keys(section)) {
		body, _ := section[key].(map[string]any)
		all = append(all, container{modeltree.Path{kind, key}, key, body})
	}
	return all
}

// reportOnce adds places to a finding that is there already, so that a
// variable that is used everywhere is one finding.
func (m *document) reportOnce(r *rule, at modeltree.Path, from spot, what string, ways ...Fix) {
	for i := range m.plan.Findings {
		f := &m.plan.Findings[i]
		if f.Rule == r.name && f.Severity == r.severity && f.File == from.l.shown && (f.What == what || strings.HasPrefix(f.What, what+", ")) {
			f.written = append(f.written, from.n)
			line := fmt.Sprintf(" %d", from.n.Line)
			switch {
			case f.Line == from.n.Line:
			case f.What == what:
				f.What += alsoIn + line
			case !strings.HasSuffix(f.What, line):
				f.What = strings.Replace(f.What, alsoIn+" ", alsoIn+"s ", 1) + "," + line
			}
			return
		}
	}
	m.report(r, at, from, what, ways...)
	m.plan.Findings[len(m.plan.Findings)-1].written = []*yaml.Node{from.n}
}

// shippedBody is a service as the files have it.
func (m *document) shippedBody(c container) (body map[string]any, ok bool) {
	v, _ := modeltree.Lookup(m.orig, c.at)
	body, ok = v.(map[string]any)
	return body, ok
}

// pathShown writes a host path as it most likely is in the file: relative to
// the project directory if it is in it, or beside it.
func (m *document) pathShown(name string) string {
	rel, err := filepath.Rel(m.in.dir, name)
	rel = filepath.ToSlash(rel)
	switch {
	case err == nil && rel == ".":
		return "."
	case err == nil && filepath.IsLocal(rel):
		return "./" + rel
	case err == nil && strings.HasPrefix(rel, "../") && !strings.HasPrefix(rel, "../.."):
		return rel
	}
	return name
}

func (m *document) exampleOf(name string) string {
	dir, base := filepath.Split(name)
	for _, example := range []string{base + ".example", base + ".sample", base + ".template", base + ".dist", "example" + base, "sample" + base} {
		if _, err := m.in.read(filepath.Join(dir, example)); err == nil {
			return m.pathShown(filepath.Join(dir, example))
		}
	}
	return ""
}

// nameOf is the name of a network, volume, secret or config outside of the project.
func nameOf(c container) string {
	if name := modeltree.Str(c.body, "name"); name != "" {
		return name
	}
	return c.name
}

// settings reads what Compose takes as a mapping and as a list of KEY=VALUE. A key
// without a value has nil.
func settings(v any) map[string]*string {
	all := map[string]*string{}
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if all[key] = nil; value != nil {
				text := fmt.Sprint(value)
				all[key] = &text
			}
		}
	case []any:
		for _, e := range v {
			key, value, ok := strings.Cut(fmt.Sprint(e), "=")
			if all[key] = nil; ok {
				all[key] = &value
			}
		}
	}
	return all
}

func quote(s string) string { return fmt.Sprintf("%q", s) }

// stackNetworks returns the keys of the networks that a service joins, sorted.
func stackNetworks(c container) []string {
	if names := modeltree.Keys(modeltree.Mapping(c.body, "networks")); len(names) > 0 {
		return names
	}
	return []string{"default"}
}
