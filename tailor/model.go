// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/seatrial/seatrial/spec"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// model is a loaded project on its way to a plan. Rules look at tree, which
// shows the edits made so far, and change it by edit and nothing else.
type model struct {
	in      *input
	src     *sources
	spec    spec.Project
	plan    *Plan
	orig    map[string]any
	tree    map[string]any
	project *types.Project
	// portSpots are where ports were written, by path of the list and key.
	portSpots map[string]map[string]spot
	// variables are the names of leased variables, by what they are for.
	variables map[string]string
	// portLeases are the indexes of leased ports by variable, protocols what
	// protocolsOf found.
	portLeases map[string]int
	protocols  map[string]map[int][]string
	// insides are what inside found.
	insides map[string]insidePorts
	// used are the entries of the spec that matched something in the files.
	used map[string]bool
	refs *portReferences
	// settled are the mounts about which the spec says what to do, and emptyVolumes
	// the keys of the volumes that take their place, by path.
	settled      map[string]bool
	pathNames    []string
	emptyVolumes map[string]string
	// scoped are the names of images that the project builds, by full form, makers
	// the services that build them, and besides those whose images run beside a
	// service or are mounted into it.
	scoped, makers map[string]string
	besides        map[string][]string
	// namedImages are those that the files name, and unmatched the keys of the
	// spec's Images, by full form, that nothing has named so far.
	namedImages []namedImage
	unmatched   map[string]string
	optional    map[string]bool // keys that may be named nowhere
	buildImages []imageUse      // that builds take beside their Dockerfiles
	// dockerfiles are what services and jobs are built from, by path, and argsGiven
	// what the spec gives their builds.
	dockerfiles map[string]*builtFrom
	// brought are the images of the spec by further names of what they replace, in full
	// form.
	brought map[string]string
	// builtOtherwise are the services of whose build the spec says something.
	builtOtherwise map[string]bool
	argsGiven      []givenArg
	// shared are the keys of networks that other copies may be on.
	shared []string
	// oneNames are what twins found.
	oneNames map[string]map[string]string
	// rooms are for how many containers of a service its host ports suffice.
	rooms map[string]int
	err   error // of an edit: a bug of a rule
}

func newModel(in *input, src *sources, p spec.Project) *model {
	plan := &Plan{
		Spec: p, Dir: in.dir, EnvFiles: in.envFiles, Profiles: in.profiles, Env: in.process,
		CopyLimit: cmp.Or(p.CopyLimit, defaultCopyLimit), Findings: []Finding{}, Edits: []Edit{}, Services: []Service{}, Networks: []string{}, Volumes: []string{},
	}
	for _, f := range in.files {
		plan.Files, plan.order = append(plan.Files, f.name), append(plan.order, f.shown)
	}
	images, optional := imagesToPut(p.Images, p.StandIns)
	p.Images = images
	return &model{
		in: in, src: src, spec: p, plan: plan, optional: optional,
		portSpots: map[string]map[string]spot{}, variables: map[string]string{}, used: map[string]bool{},
		portLeases: map[string]int{}, protocols: map[string]map[int][]string{}, insides: map[string]insidePorts{},
		settled: map[string]bool{}, emptyVolumes: map[string]string{}, rooms: map[string]int{}, oneNames: map[string]map[string]string{},
		scoped: map[string]string{}, makers: map[string]string{}, besides: map[string][]string{}, unmatched: map[string]string{}, dockerfiles: map[string]*builtFrom{}, builtOtherwise: map[string]bool{}, brought: map[string]string{},
	}
}

// load reads the files with Compose's loader.
func (m *model) load(ctx context.Context) error {
	var err error
	if m.orig, err = load(ctx, m.in, nil); err != nil {
		return m.readError(err)
	}
	if len(modeltree.Mapping(m.orig, "services")) == 0 && len(modeltree.Mapping(m.orig, "jobs")) == 0 {
		return &ReadError{File: m.in.files[0].shown, Err: errors.New("no service is in it")}
	}
	m.tree = modeltree.Clone(m.orig).(map[string]any)
	if m.project, err = loadProject(m.in, modeltree.Clone(m.orig).(map[string]any)); err != nil {
		return m.readError(err)
	}
	return nil
}

// get returns the value at p with the edits made so far, nil if there is none.
func (m *model) get(p modeltree.Path) any {
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
func (m *model) edit(r *rule, c change) {
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
func (m *model) report(r *rule, at modeltree.Path, from spot, what string, ways ...Fix) {
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
func (m *model) reportSpec(field, what, hint string) {
	f := Finding{Rule: "spec", Severity: Refuse, Place: Place{Path: field}, What: what, Hint: hint}
	if !slices.ContainsFunc(m.plan.Findings, func(o Finding) bool { return o.Path == field && o.What == what }) { // once for all services
		m.plan.Findings = append(m.plan.Findings, f)
	}
}

func (m *model) refused() bool {
	return slices.ContainsFunc(m.plan.Findings, func(f Finding) bool { return f.Severity == Refuse })
}

// container is a service or job of the model.
type container struct {
	at   modeltree.Path // services.web
	name string
	body map[string]any
}

// containers returns services and jobs, sorted: those that are off as well.
func (m *model) containers() []container {
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
func (m *model) resources(kind string) []container {
	var all []container
	section := modeltree.Mapping(m.tree, kind)
	for _, key := range slices.Sorted(maps.Keys(section)) {
		body, _ := section[key].(map[string]any)
		all = append(all, container{modeltree.Path{kind, key}, key, body})
	}
	return all
}
