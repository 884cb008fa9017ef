// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/distribution/reference"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// ownImages is where the images that seatrial builds have their names. No
// registry answers there, so they must never be pulled.
const ownImages = "localhost/seatrial/"

func imageRules() []rule {
	return []rule{{
		name:      "image",
		treatment: Substitute,
		severity:  Refuse,
		reason:    "the test says so",
		apply:     substituteImages,
	}, sameTagRule(), {
		name:      "built-image",
		treatment: Scope,
		reason:    "two copies that build it would race for the tag, and one could start what the other built",
		apply:     scopeBuiltImages,
	}}
}

// imageUse is a place where the files name an image.
type imageUse struct {
	c      container
	at     modeltree.Path
	ref    string
	prefix string // before the reference: docker-image://
	kind   useKind
}

// useKind says what an image is named for.
type useKind int

const (
	ownImage   useKind = iota // what the service itself runs
	sideImage                 // what runs beside it, or is mounted
	mounted                   // the same, but a name of a service will do
	buildImage                // what its build takes
)

// imageUses returns every place that names an image, the service's own first.
func (m *model) imageUses() []imageUse {
	var all []imageUse
	add := func(c container, at modeltree.Path, prefix string, kind useKind) {
		s, ok := m.get(at).(string)
		if ref, found := strings.CutPrefix(s, prefix); ok && found && ref != "" {
			all = append(all, imageUse{c, at, ref, prefix, kind})
		}
	}
	volumes := func(c container, body any, at modeltree.Path) {
		for i, v := range modeltree.List(body, "volumes") {
			if modeltree.Str(v, "type") == "image" {
				add(c, at.Join("volumes", i, "source"), "", mounted)
			}
		}
	}
	for _, c := range m.containers() {
		add(c, c.at.Join("image"), "", ownImage)
		for i, from := range modeltree.List(modeltree.Mapping(c.body, "build"), "cache_from") {
			if prefix, ref, ok := strings.Cut(fmt.Sprint(from), ",ref="); ok && !strings.Contains(ref, ",") {
				add(c, c.at.Join("build", "cache_from", i), prefix+",ref=", buildImage)
			} else if !strings.Contains(prefix, "=") {
				add(c, c.at.Join("build", "cache_from", i), "", buildImage)
			}
		}
		for i, hook := range modeltree.List(c.body, "pre_start") {
			add(c, c.at.Join("pre_start", i, "image"), "", sideImage)
			volumes(c, hook, c.at.Join("pre_start", i))
		}
		volumes(c, c.body, c.at)
		contexts := modeltree.Mapping(modeltree.Mapping(c.body, "build"), "additional_contexts")
		for _, name := range slices.Sorted(maps.Keys(contexts)) {
			add(c, c.at.Join("build", "additional_contexts", name), "docker-image://", buildImage)
		}
	}
	return all
}

// namedImage is an image that the files, or their Dockerfiles, name, and where.
type namedImage struct{ ref, place string }

// substituteImages puts the images of the spec in the place of those that the
// files name. References are compared whole and in full form.
func substituteImages(m *model, r *rule) {
	fresh := map[string]string{} // by full form
	for _, old := range slices.Sorted(maps.Keys(m.spec.Images)) {
		key := dockerfile.FullForm(old)
		if first, ok := m.unmatched[key]; ok {
			m.reportImages(r, fmt.Sprintf("Images has %q and %q, which are the same image", first, old), "leave one of them out")
		}
		fresh[key], m.unmatched[key] = m.spec.Images[old], old
		if _, err := reference.ParseNormalizedNamed(m.spec.Images[old]); err != nil {
			m.reportImages(r, fmt.Sprintf("Images[%q] is %q, which is no image reference", old, m.spec.Images[old]), "")
		}
	}
	m.followTags(fresh)
	other := *r
	other.reason = "it is another name of what the test brings"
	for _, u := range m.imageUses() {
		if u.kind == buildImage { // which may change nothing
			m.buildImages = append(m.buildImages, u)
		} else {
			m.named(u, "")
		}
		if ref, ok := fresh[dockerfile.FullForm(u.ref)]; ok {
			m.substitute(r, u, ref)
		} else if ref := m.brought[dockerfile.FullForm(u.ref)]; ref != "" {
			m.substitute(&other, u, ref)
		}
	}
	for _, c := range m.containers() { // whose image has Compose's name
		if c.body["build"] == nil || modeltree.Str(c.body, "image") != "" {
			continue
		}
		for _, name := range m.ownNames(c) {
			if ref, ok := fresh[dockerfile.FullForm(name)]; ok {
				delete(m.unmatched, dockerfile.FullForm(name))
				m.substitute(r, imageUse{c: c, at: c.at.Join("image"), ref: name, kind: ownImage}, ref)
				break
			}
		}
	}
}

// named notes that the files name an image, and that the spec's key for it matches,
// unless it has no effect.
func (m *model) named(u imageUse, noEffect string) {
	place := m.src.find(u.at).place(u.at)
	m.namedImages = append(m.namedImages, namedImage{u.ref, fmt.Sprintf("%s:%d%s", place.File, place.Line, noEffect)})
	if noEffect == "" {
		delete(m.unmatched, dockerfile.FullForm(u.ref))
	}
}

// nameBuildImages does so for what a build takes beside its Dockerfile.
func (m *model) nameBuildImages(c container, build map[string]any, f *builtFrom) {
	for _, u := range m.buildImages {
		if u.c.at.String() != c.at.String() {
			continue
		}
		name, isContext := u.at[len(u.at)-1].(string)
		switch {
		case !isContext:
			m.named(u, ", for a cache that is not used")
		case f.file != nil && f.unseen == "" && !f.file.TakesContext(name, m.buildSettings(c, build, f.args)):
			m.named(u, ", in a context that nothing takes")
		default:
			m.named(u, "")
		}
	}
}

// followTags notes the further names of what is not built, as the test brings it.
func (m *model) followTags(fresh map[string]string) {
	for _, c := range m.containers() {
		if c.body["build"] == nil {
			continue
		}
		ref := ""
		for _, name := range m.ownNames(c) {
			ref = cmp.Or(ref, fresh[dockerfile.FullForm(name)])
		}
		for _, name := range m.builtNames(c) {
			if full := dockerfile.FullForm(name); ref != "" && fresh[full] == "" {
				m.brought[full] = ref
			}
		}
	}
}

// imagesToPut adds to images those that may be named nowhere, and says which these are. The
// images of the spec go first.
func imagesToPut(images, standIns map[string]string) (all map[string]string, optional map[string]bool) {
	if len(standIns) == 0 {
		return images, nil
	}
	all, optional = maps.Clone(images), map[string]bool{}
	if all == nil {
		all = map[string]string{}
	}
	first := map[string]bool{} // by full form
	for old := range images {
		first[dockerfile.FullForm(old)] = true
	}
	for old, ref := range standIns {
		if !first[dockerfile.FullForm(old)] {
			all[old], optional[old] = ref, true
		}
	}
	return all, optional
}

// demanded are the images of the spec that were not found so far, and that must be.
func (m *model) demanded() map[string]string {
	all := maps.Clone(m.unmatched)
	maps.DeleteFunc(all, func(_, old string) bool { return m.optional[old] })
	return all
}

// unmatchedImages refuses what the spec replaces and nothing names. All that is
// named is listed.
func (m *model) unmatchedImages(named []namedImage, unread []string) {
	var names []string
	for _, n := range named {
		names = append(names, fmt.Sprintf("%s (%s)", placeholder.ShownText(n.ref), n.place))
	}
	slices.Sort(names)
	hint := "the files name no image"
	if names = slices.Compact(names); len(names) > 0 {
		hint = "the files name " + strings.Join(names, ", ")
	}
	if len(unread) > 0 {
		hint += "; not read: " + strings.Join(unread, ", ")
	}
	r := ruleNamed(imageRules(), "image")
	for _, old := range slices.Sorted(maps.Values(m.demanded())) {
		m.reportImages(&r, fmt.Sprintf("Images[%q] matches no image", old), hint)
	}
}

func (m *model) reportImages(r *rule, what, hint string) {
	wrong := *r
	wrong.reason, wrong.hint = "", hint
	m.plan.Findings = append(m.plan.Findings, Finding{
		Rule: wrong.name, Severity: wrong.severity, Place: Place{Path: "Images"}, What: what, Hint: hint,
	})
}

func (m *model) substitute(r *rule, u imageUse, ref string) {
	m.edit(r, change{at: u.at, value: u.prefix + ref, what: fmt.Sprintf("image %s → %s", u.ref, ref)})
	if m.isStack() {
		return
	}
	if u.kind == sideImage && strings.HasPrefix(ref, ownImages) {
		m.keepFromPulling(r, u, ref)
	}
	if u.kind != ownImage {
		return
	}
	if u.c.body["build"] != nil {
		m.edit(r, change{at: u.c.at.Join("build"), drop: true, from: m.src.find(u.at), what: "build → none", reason: "the test brings the image"})
	}
	policy := modeltree.Str(u.c.body, "pull_policy")
	switch {
	case strings.HasPrefix(ref, ownImages) && policy != "never":
		m.edit(r, change{at: u.c.at.Join("pull_policy"), value: "never", from: m.src.find(u.at), what: "pull policy → never", reason: "the image is on this engine only"})
	case policy == "build":
		m.edit(r, change{at: u.c.at.Join("pull_policy"), drop: true, from: m.src.find(u.at), what: "pull policy build → none", reason: "the test brings the image"})
	}
}

// scopeBuiltImages gives what the project builds a name of the project's own,
// in Compose's own manner, and lets everything follow that names it.
func scopeBuiltImages(m *model, r *rule) {
	taken := map[string]bool{}
	for _, c := range m.startedFirst() { // what is on is meant by a name that others have, too
		build := modeltree.Mapping(c.body, "build")
		image := modeltree.Str(c.body, "image")
		if build == nil {
			continue
		}
		tags := modeltree.List(build, "tags")
		names := m.builtNames(c)
		m.noteMaker(c, names)
		if image == "" && len(tags) == 0 { // Compose gives it another name in each copy
			m.scope(names, placeholder.Project+"-"+c.name)
			continue
		}
		if strings.Contains(image, placeholder.Project) {
			continue
		}
		if ownPolicy(c) != "" && !m.builtOtherwise[c.name] { // see reportEither
			m.dropTags(r, c, tags)
			continue
		}
		name := m.scoped[dockerfile.FullForm(image)]
		if name == "" || image == "" {
			name = freshTag(c.name, taken)
		}
		m.scope(names, name)
		m.noteMaker(c, []string{name})
		m.dropTags(r, c, tags)
		if image == "" {
			m.edit(r, change{at: c.at.Join("image"), value: name, from: m.src.find(c.at.Join("build", "tags")), what: "image → " + name, reason: "its other tags are given up"})
		}
	}
	m.followBuiltImages(r)
}

// scope notes the name that takes the place of others.
func (m *model) scope(names []string, name string) {
	for _, old := range names {
		if full := dockerfile.FullForm(old); m.scoped[full] == "" {
			m.scoped[full] = name
		}
	}
}

// noteMaker notes that a service builds images of these names. The first who does
// is meant by others.
func (m *model) noteMaker(c container, names []string) {
	for _, name := range names {
		if full := dockerfile.FullForm(name); c.at[0] == "services" && m.makers[full] == "" {
			m.makers[full] = c.name
		}
	}
}

// makerOf returns the service that builds what is named at a place, if one does.
func (m *model) makerOf(u imageUse) string {
	if maker := m.makers[dockerfile.FullForm(u.ref)]; maker != "" || u.kind != mounted {
		return maker
	}
	body := modeltree.Mapping(modeltree.Mapping(m.tree, "services"), u.ref)
	if body["build"] == nil || modeltree.Str(body, "image") != "" {
		return ""
	}
	return u.ref
}

// ownPolicy returns the pull policy by which the files want the named image of a
// service rather than a built one.
func ownPolicy(c container) string {
	if policy := modeltree.Str(c.body, "pull_policy"); policy != "build" && modeltree.Str(c.body, "image") != "" {
		return policy
	}
	return ""
}

// madeBy is the image of a service that is built, for people: perhaps one that is there.
func (m *model) madeBy(service string) string {
	c := container{body: modeltree.Mapping(modeltree.Mapping(m.tree, "services"), service)}
	if ownPolicy(c) != "" && !m.isStack() {
		return "what service " + service + " runs"
	}
	return "what service " + service + " builds"
}

// builtName is what stands for an image that a service builds.
func (m *model) builtName(ref string) string {
	if name := m.scoped[dockerfile.FullForm(ref)]; name != "" {
		return placeholder.ShownText(name)
	}
	return placeholder.ShownText(ref)
}

var imageOrBuild = rule{
	name:     "image-or-build",
	severity: Note,
	reason:   "as its pull policy has it",
}

// reportEither says of a service with a pull policy of its own that it runs a named image,
// or what is built: always that where the test says what it builds on.
func (m *model) reportEither(c container, f *builtFrom) {
	image, policy := modeltree.Str(c.body, "image"), ownPolicy(c)
	if policy == "" || m.builtOtherwise[c.name] || m.isStack() || strings.Contains(image, placeholder.Project) {
		return
	}
	r := imageOrBuild
	if m.in.overrideOnly {
		r.severity, r.reason = Warning, "two copies that build it would race for the tag"
	}
	has := "the engine or a registry has it"
	if policy == "never" {
		has = "the engine has it"
	}
	what := fmt.Sprintf("image %s is run if %s (pull_policy: %s), and only otherwise it is built", image, has, policy)
	if len(f.Images) > 0 && !m.in.overrideOnly {
		r.reason = "the test says what it builds on"
		what = fmt.Sprintf("it is built, though image %s would be run if %s (pull_policy: %s)", image, has, policy)
	}
	m.report(&r, c.at.Join("image"), spot{}, what)
}

// followBuiltImages puts the new names in all places that name what the project
// builds. What runs beside a service, or is mounted, is known when it is built.
func (m *model) followBuiltImages(r *rule) {
	for _, u := range m.imageUses() {
		name, maker := m.scoped[dockerfile.FullForm(u.ref)], m.makerOf(u)
		ch := change{at: u.at, value: u.prefix + name, what: fmt.Sprintf("image %s → %s", u.ref, name)}
		if beside := u.kind == sideImage || u.kind == mounted; beside && maker != "" && m.active(u.c.name) && u.c.at[0] == "services" && !m.in.overrideOnly {
			ch.value = m.mark(m.imageVariable(maker))
			ch.what = fmt.Sprintf("image %s → %s", u.ref, m.madeBy(maker))
			m.besides[u.c.name] = append(m.besides[u.c.name], maker)
			if u.kind == sideImage {
				m.keepFromPulling(r, u, u.ref)
			}
		} else if name == "" || name == u.ref {
			continue
		}
		switch {
		case u.c.body["build"] == nil || u.kind != ownImage:
			ch.treatment, ch.reason = Follow, "it is what this project builds"
		case modeltree.Str(u.c.body, "pull_policy") == "" && !m.in.overrideOnly:
			ch.reason = fmt.Sprintf("%s; docker compose up would take %s if it is there", r.reason, u.ref)
		}
		m.edit(r, ch)
		if u.kind == ownImage {
			m.keepFromPulling(r, u, u.ref)
		}
	}
}

// imageVariable is the variable for the image that a service builds.
func (m *model) imageVariable(service string) string {
	return m.variable("image "+service, "IMAGE", service)
}

// keepFromPulling takes back a pull policy by which Compose would ask a registry for
// what only this engine has.
func (m *model) keepFromPulling(r *rule, u imageUse, ref string) {
	at := u.c.at.Join("pull_policy")
	if policy := modeltree.Str(m.get(u.c.at), "pull_policy"); !slices.Contains([]string{"", "missing", "if_not_present", "never", "build"}, policy) && !m.isStack() {
		reason := "no registry has what this project builds"
		if u.kind == sideImage {
			reason = fmt.Sprintf("it holds for %s, too, which no registry has", ref)
		}
		m.edit(r, change{at: at, drop: true, from: m.src.find(u.at), treatment: Follow, what: fmt.Sprintf("pull policy %s → none", policy), reason: reason})
	}
}

func (m *model) dropTags(r *rule, c container, tags []any) {
	fixed := slices.ContainsFunc(tags, func(t any) bool { return !strings.Contains(fmt.Sprint(t), placeholder.Project) })
	if fixed {
		m.edit(r, change{at: c.at.Join("build", "tags"), drop: true, what: fmt.Sprintf("further tags %v → none", tags)})
	}
}

// freshTag is a name for what a service builds: as Compose would have it, for
// names of services that are names of images, too.
func freshTag(service string, taken map[string]bool) string {
	words := strings.FieldsFunc(strings.ToLower(service), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	base := placeholder.Project + "-" + strings.Join(words, "-")
	name := base
	for i := 2; taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	taken[name] = true
	return name
}
