// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// imageTags gives what the project builds names of its own.
type imageTags struct {
	*document
	built    *builtImages
	contexts *contexts
	leasing  *leasing
}

func (m *imageTags) builtImageRules() []rule {
	return []rule{{
		name:      "built-image",
		treatment: Scope,
		reason:    "two copies that build it would race for the tag, and one could start what the other built",
		doc: row{
			files: "a tag of an image that the project builds, or the name that docker compose gives to the image (`PROJECT-SERVICE`, by `name:`, " +
				"`.env` or the directory)",
			becomes: "a tag of the project's own, also wherever else the files name the image: other services, additional contexts, image volumes, " +
				"`pre_start`, Dockerfiles. What is built is run, even where docker compose would take the named image because it is there. If " +
				"others need the image of a service that is off, it is built; a note says so, because docker compose up would not build it",
		},
		apply: m.scopeBuiltImages,
	}}
}

// scopeBuiltImages gives what the project builds a name of the project's own,
// in Compose's own manner, and lets everything follow that names it.
func (m *imageTags) scopeBuiltImages(r *rule) {
	taken := map[string]bool{}
	for _, c := range m.startedFirst() { // what is on is meant by a name that others have, too
		build := modeltree.Mapping(c.body, "build")
		image := modeltree.Str(c.body, "image")
		if build == nil {
			continue
		}
		tags := modeltree.List(build, "tags")
		names := m.built.builtNames(c)
		m.built.noteMaker(c, names)
		if image == "" && len(tags) == 0 { // Compose gives it another name in each copy
			m.built.scope(names, placeholder.Project+"-"+c.name)
			continue
		}
		if strings.Contains(image, placeholder.Project) {
			continue
		}
		if ownPolicy(c) != "" && !m.contexts.builtOtherwise[c.name] { // see reportEither
			m.dropTags(r, c, tags)
			continue
		}
		name := m.built.scoped[dockerfile.FullForm(image)]
		if name == "" || image == "" {
			name = freshTag(c.name, taken)
		}
		m.built.scope(names, name)
		m.built.noteMaker(c, []string{name})
		m.dropTags(r, c, tags)
		if image == "" {
			m.edit(r, change{at: c.at.Join("image"), value: name, from: m.src.find(c.at.Join("build", "tags")), what: "image → " + name, reason: "its other tags are given up"})
		}
	}
	m.followBuiltImages(r)
}

// followBuiltImages puts the new names in all places that name what the project
// builds. What runs beside a service, or is mounted, is known when it is built.
func (m *imageTags) followBuiltImages(r *rule) {
	for _, u := range m.built.imageUses() {
		name, maker := m.built.scoped[dockerfile.FullForm(u.ref)], m.built.makerOf(u)
		ch := change{at: u.at, value: u.prefix + name, what: fmt.Sprintf("image %s → %s", u.ref, name)}
		if beside := u.kind == sideImage || u.kind == mounted; beside && maker != "" && m.active(u.c.name) && u.c.at[0] == "services" && !m.in.overrideOnly {
			ch.value = m.leasing.mark(m.built.imageVariable(maker))
			ch.what = fmt.Sprintf("image %s → %s", u.ref, m.built.madeBy(maker))
			m.built.besides[u.c.name] = append(m.built.besides[u.c.name], maker)
			if u.kind == sideImage {
				m.built.keepFromPulling(r, u, u.ref)
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
			m.built.keepFromPulling(r, u, u.ref)
		}
	}
}

func (m *imageTags) dropTags(r *rule, c container, tags []any) {
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
