// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/distribution/reference"
)

// ownImages is where the images that seatrial builds have their names. No
// registry answers there, so they must never be pulled.
const ownImages = "localhost/seatrial/"

var imageRules = []rule{{
	name:      "image",
	treatment: Substitute,
	severity:  Refuse,
	reason:    "the test says so",
	apply:     substituteImages,
}, {
	name:      "built-image",
	treatment: Scope,
	reason:    "two copies that build it would race for the tag, and one could start what the other built",
	apply:     scopeBuiltImages,
}}

// imageUse is a place where the files name an image.
type imageUse struct {
	c      container
	at     path
	ref    string
	prefix string // before the reference: docker-image://
}

// imageUses returns every place that names an image, the service's own first.
func (m *model) imageUses() []imageUse {
	var all []imageUse
	add := func(c container, at path, prefix string) {
		s, ok := m.get(at).(string)
		if ref, found := strings.CutPrefix(s, prefix); ok && found && ref != "" {
			all = append(all, imageUse{c, at, ref, prefix})
		}
	}
	for _, c := range m.containers() {
		add(c, c.at.join("image"), "")
		for i, from := range list(mapping(c.body, "build"), "cache_from") {
			if prefix, ref, ok := strings.Cut(fmt.Sprint(from), ",ref="); ok && !strings.Contains(ref, ",") {
				add(c, c.at.join("build", "cache_from", i), prefix+",ref=")
			} else if !strings.Contains(prefix, "=") {
				add(c, c.at.join("build", "cache_from", i), "")
			}
		}
		for i := range list(c.body, "pre_start") {
			add(c, c.at.join("pre_start", i, "image"), "")
		}
		for i, v := range list(c.body, "volumes") {
			if str(v, "type") == "image" {
				add(c, c.at.join("volumes", i, "source"), "")
			}
		}
		contexts := mapping(mapping(c.body, "build"), "additional_contexts")
		for _, name := range slices.Sorted(maps.Keys(contexts)) {
			add(c, c.at.join("build", "additional_contexts", name), "docker-image://")
		}
	}
	return all
}

// substituteImages puts the images of the spec in the place of those that the
// files name. References are compared whole and in full form.
func substituteImages(m *model, r *rule) {
	fresh := map[string]string{} // by full form
	unused := map[string]string{}
	for _, old := range slices.Sorted(maps.Keys(m.spec.Images)) {
		key := fullForm(old)
		if first, ok := unused[key]; ok {
			m.reportImages(r, fmt.Sprintf("Images has %q and %q, which are the same image", first, old), "leave one of them out")
		}
		fresh[key], unused[key] = m.spec.Images[old], old
		if _, err := reference.ParseNormalizedNamed(m.spec.Images[old]); err != nil {
			m.reportImages(r, fmt.Sprintf("Images[%q] is %q, which is no image reference", old, m.spec.Images[old]), "")
		}
	}
	var named []string
	for _, u := range m.imageUses() {
		named = append(named, u.ref)
		if ref, ok := fresh[fullForm(u.ref)]; ok {
			delete(unused, fullForm(u.ref))
			m.substitute(r, u, ref)
		}
	}
	if len(unused) > 0 {
		for full := range m.namedInDockerfiles() {
			delete(unused, full) // see dockerfileRules
		}
	}
	slices.Sort(named)
	hint := "the files name no image"
	if named = slices.Compact(named); len(named) > 0 {
		hint = "the files name " + shownText(strings.Join(named, ", "))
	}
	for _, old := range slices.Sorted(maps.Values(unused)) {
		m.reportImages(r, fmt.Sprintf("Images[%q] matches no image", old), hint)
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
	if u.at[len(u.at)-1] != "image" || len(u.at) != len(u.c.at)+1 || m.isStack() {
		return
	}
	if u.c.body["build"] != nil {
		m.edit(r, change{at: u.c.at.join("build"), drop: true, from: m.src.find(u.at), what: "build → none", reason: "the test brings the image"})
	}
	policy := str(u.c.body, "pull_policy")
	switch {
	case strings.HasPrefix(ref, ownImages) && policy != "never":
		m.edit(r, change{at: u.c.at.join("pull_policy"), value: "never", from: m.src.find(u.at), what: "pull policy → never", reason: "the image is on this engine only"})
	case policy == "build":
		m.edit(r, change{at: u.c.at.join("pull_policy"), drop: true, from: m.src.find(u.at), what: "pull policy build → none", reason: "the test brings the image"})
	}
}

// scopeBuiltImages gives what the project builds a name of the project's own,
// in Compose's own manner, and lets everything follow that names it.
func scopeBuiltImages(m *model, r *rule) {
	scoped := map[string]string{} // full form of the tag → its new name
	taken := map[string]bool{}
	for _, c := range m.containers() {
		build := mapping(c.body, "build")
		image := str(c.body, "image")
		if build == nil {
			continue
		}
		tags := list(build, "tags")
		if image == "" && len(tags) == 0 || strings.Contains(image, projectName) {
			continue
		}
		name := scoped[fullForm(image)]
		if name == "" || image == "" {
			name = freshTag(c.name, taken)
		}
		for _, tag := range append([]any{image}, tags...) {
			if full := fullForm(fmt.Sprint(tag)); tag != "" && scoped[full] == "" {
				scoped[full] = name
			}
		}
		m.dropTags(r, c, tags)
		if image == "" {
			m.edit(r, change{at: c.at.join("image"), value: name, from: m.src.find(c.at.join("build", "tags")), what: "image → " + name, reason: "its other tags are given up"})
		}
	}
	m.scoped = scoped
	for _, u := range m.imageUses() {
		name, ok := scoped[fullForm(u.ref)]
		if !ok || name == u.ref {
			continue
		}
		ch := change{at: u.at, value: u.prefix + name, what: fmt.Sprintf("image %s → %s", u.ref, name)}
		if u.c.body["build"] == nil || len(u.at) != len(u.c.at)+1 {
			ch.treatment, ch.reason = Follow, "it is what this project builds"
		}
		m.edit(r, ch)
		if policy := str(u.c.body, "pull_policy"); !slices.Contains([]string{"", "missing", "if_not_present", "never", "build"}, policy) &&
			u.at[len(u.at)-1] == "image" && len(u.at) == len(u.c.at)+1 && !m.isStack() {
			m.edit(r, change{at: u.c.at.join("pull_policy"), drop: true, from: ch.from, treatment: Follow,
				what: fmt.Sprintf("pull policy %s → none", policy), reason: "no registry has what this project builds"})
		}
	}
}

func (m *model) dropTags(r *rule, c container, tags []any) {
	fixed := slices.ContainsFunc(tags, func(t any) bool { return !strings.Contains(fmt.Sprint(t), projectName) })
	if fixed {
		m.edit(r, change{at: c.at.join("build", "tags"), drop: true, what: fmt.Sprintf("further tags %v → none", tags)})
	}
}

// freshTag is a name for what a service builds: as Compose would have it, for
// names of services that are names of images, too.
func freshTag(service string, taken map[string]bool) string {
	words := strings.FieldsFunc(strings.ToLower(service), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	base := projectName + "-" + strings.Join(words, "-")
	name := base
	for i := 2; taken[name]; i++ {
		name = fmt.Sprintf("%s-%d", base, i)
	}
	taken[name] = true
	return name
}

// fullForm is the reference by which images are compared: app is
// docker.io/library/app:latest. What is no reference is compared as it is.
func fullForm(ref string) string {
	named, err := reference.ParseNormalizedNamed(ref)
	if err != nil {
		return ref
	}
	return reference.TagNameOnly(named).String()
}
