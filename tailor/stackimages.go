// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/seatrial/seatrial/internal/dockerfile"
	"github.com/seatrial/seatrial/tailor/internal/modeltree"
	"github.com/seatrial/seatrial/tailor/internal/placeholder"
)

// stackImages has the images of a stack built before it is deployed.
type stackImages struct {
	*document
	built       *builtImages
	leasing     *leasing
	buildKeys   *buildKeyRule
	dockerfiles *dockerfileRule
	recipes     *recipes

	builds []StackBuild
}

func (m *stackImages) buildRules() []rule {
	return []rule{{
		name:      "stack-build",
		treatment: Scope,
		reason:    "docker stack deploy builds nothing",
		apply:     m.buildStackImages,
	}}
}

func (m *stackImages) missingRules() []rule {
	return []rule{{
		name:     "image-missing",
		severity: Refuse,
		reason:   "docker stack deploy needs an image for every service",
		apply:    m.missingImages,
	}}
}

// buildStackImages has the images built beforehand that the files build, unless
// the test brings them, and lets everything follow that names them.
func (m *stackImages) buildStackImages(r *rule) {
	brought := map[string]bool{}
	for _, e := range m.plan.Edits {
		brought[e.at.String()] = e.Rule == "image"
	}
	var builds []change
	for _, c := range m.containers() {
		build := modeltree.Mapping(c.body, "build")
		image := modeltree.Str(c.body, "image")
		ch := change{at: c.at.Join("build"), drop: true, from: m.src.find(c.at.Join("build"))}
		switch {
		case build == nil:
		case brought[c.at.Join("image").String()]:
			ch.what, ch.reason, ch.treatment = "build → none", "the image is replaced", Substitute
			m.edit(r, ch)
		case image != "" && m.built.makers[dockerfile.FullForm(image)] != "":
			ch.what = "build → none"
			ch.reason = "the tag is what another service builds"
			m.edit(r, ch)
		default:
			b := m.stackBuild(c, build)
			m.builds = append(m.builds, b)
			ch.what = fmt.Sprintf("build %s → done before", m.contextShown(modeltree.Str(build, "context")))
			builds = append(builds, ch)
			m.built.noteMaker(c, m.built.builtNames(c))
			if image == "" {
				m.edit(r, change{at: c.at.Join("image"), value: m.leasing.mark(b.Variable), from: ch.from, what: "image → what is built"})
			}
		}
	}
	for _, own := range slices.Concat(m.dockerfiles.dockerfileRules(), m.buildKeys.buildKeyRules()) { // while they have builds
		own.apply(&own)
	}
	m.follow(r, brought)
	m.recipes.planBuilds()
	for _, ch := range builds {
		m.edit(r, ch)
	}
}

// follow puts what is built in all places that name it.
func (m *stackImages) follow(r *rule, brought map[string]bool) {
	for _, u := range m.built.imageUses() {
		maker := m.built.makers[dockerfile.FullForm(u.ref)]
		if maker == "" || u.kind == buildImage || brought[u.at.String()] {
			continue
		}
		variable := m.built.imageVariable(maker)
		for i := range m.builds {
			if b := &m.builds[i]; b.Variable == variable && b.Services[0] != u.c.name && u.kind == ownImage {
				b.Services = append(b.Services, u.c.name)
			}
		}
		if u.kind != ownImage {
			m.built.besides[u.c.name] = append(m.built.besides[u.c.name], maker)
		}
		ch := change{at: u.at, value: m.leasing.mark(variable), what: fmt.Sprintf("image %s → what is built", u.ref)}
		if before, _ := modeltree.Lookup(m.orig, u.c.at.Join("build")); before == nil || u.kind != ownImage {
			ch.treatment, ch.reason = Follow, "another service builds it"
		} else {
			ch.reason = "two copies that build it would race for the tag"
		}
		m.edit(r, ch)
		m.built.makers[dockerfile.FullForm(m.leasing.mark(variable))] = maker
	}
}

func (m *stackImages) stackBuild(c container, build map[string]any) StackBuild {
	b := StackBuild{
		Variable: m.built.imageVariable(c.name), Services: []string{c.name}, Image: modeltree.Str(c.body, "image"),
		Context: placeholder.ShownText(modeltree.Str(build, "context")), Dockerfile: modeltree.Str(build, "dockerfile"), Target: modeltree.Str(build, "target"), Network: modeltree.Str(build, "network"),
	}
	for key, value := range settings(build["args"]) {
		if b.Args == nil {
			b.Args = map[string]*string{}
		}
		if text, ok := m.in.env[key]; ok && value == nil {
			value = &text
		}
		b.Args[key] = value
	}
	for key, value := range settings(build["labels"]) {
		if b.Labels == nil {
			b.Labels = map[string]string{}
		}
		b.Labels[key] = *cmp.Or(value, new(string))
	}
	return b
}

// contextShown writes a build context for people.
func (m *stackImages) contextShown(context string) string {
	if filepath.IsAbs(context) {
		return m.pathShown(context)
	}
	return context
}

// missingImages reports services for which docker stack deploy would give up.
func (m *stackImages) missingImages(r *rule) {
	for _, c := range m.containers() {
		image := modeltree.Str(c.body, "image")
		if image != "" || m.isImageBlank(c.name) { // which is told
			continue
		}
		found := *r
		found.hint = "name one with image:, or say how it is made with build:"
		m.report(&found, c.at, m.src.find(c.at), "it has no image")
	}
}
