// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/distribution/reference"
)

func stackImageRules() []stackRule {
	return slices.Concat(fromCompose(ruleNamed(imageRules, "image")), fromCompose(buildRules...), []stackRule{
		{rule{
			name:      "stack-build",
			treatment: Scope,
			reason:    "docker stack deploy builds nothing",
		}, buildStackImages},
		{rule{
			name:     "image-missing",
			severity: Refuse,
			reason:   "docker stack deploy needs an image for every service",
		}, missingImages},
	})
}

// buildStackImages has the images built beforehand that the files build, unless
// the test brings them, and lets everything follow that names them.
func buildStackImages(m *stackModel, r *rule) {
	brought := map[string]bool{}
	for _, e := range m.plan.Edits {
		brought[e.at.String()] = e.Rule == "image"
	}
	var builds []change
	m.scoped = map[string]string{} // full form of the tag → mark of the variable
	for _, c := range m.containers() {
		build := mapping(c.body, "build")
		image := str(c.body, "image")
		ch := change{at: c.at.join("build"), drop: true, from: m.src.find(c.at.join("build"))}
		switch {
		case build == nil:
		case brought[c.at.join("image").String()]:
			ch.what, ch.reason, ch.treatment = "build → none", "the test brings the image", Substitute
			m.edit(r, ch)
		case image != "" && m.scoped[fullForm(image)] != "":
			ch.what = "build → none"
			ch.reason = "the tag is what another service builds"
			m.edit(r, ch)
		default:
			b := m.stackBuild(c, build)
			m.out.Builds = append(m.out.Builds, b)
			ch.what = fmt.Sprintf("build %s → done before", m.contextShown(str(build, "context")))
			builds = append(builds, ch)
			if image != "" {
				m.scoped[fullForm(image)] = m.mark(b.Variable)
			} else {
				m.edit(r, change{at: c.at.join("image"), value: m.mark(b.Variable), from: ch.from, what: "image → what is built"})
			}
		}
	}
	noteDockerfiles(m.model, r) // while they have builds
	for _, ch := range builds {
		m.edit(r, ch)
	}
	for _, c := range m.containers() {
		image := str(c.body, "image")
		mark := m.scoped[fullForm(image)]
		if image == "" || mark == "" || brought[c.at.join("image").String()] {
			continue
		}
		for i := range m.out.Builds {
			if b := &m.out.Builds[i]; m.mark(b.Variable) == mark && b.Services[0] != c.name {
				b.Services = append(b.Services, c.name)
			}
		}
		ch := change{at: c.at.join("image"), value: mark, what: fmt.Sprintf("image %s → what is built", image)}
		if before, _ := lookup(m.orig, c.at.join("build")); before == nil {
			ch.treatment, ch.reason = Follow, "another service builds it"
		} else {
			ch.reason = "two copies that build it would race for the tag"
		}
		m.edit(r, ch)
	}
}

func (m *stackModel) stackBuild(c container, build map[string]any) StackBuild {
	b := StackBuild{
		Variable: m.variable("image "+c.name, "IMAGE", c.name), Services: []string{c.name}, Image: str(c.body, "image"),
		Context: shownText(str(build, "context")), Dockerfile: str(build, "dockerfile"), Target: str(build, "target"), Network: str(build, "network"),
	}
	for key, value := range mapping(build, "args") {
		if b.Args == nil {
			b.Args = map[string]*string{}
		}
		if text, ok := value.(string); ok {
			b.Args[key] = &text
		} else if text, ok := m.in.env[key]; ok {
			b.Args[key] = &text
		} else {
			b.Args[key] = nil
		}
	}
	for key, value := range mapping(build, "labels") {
		if b.Labels == nil {
			b.Labels = map[string]string{}
		}
		b.Labels[key] = fmt.Sprint(value)
	}
	return b
}

// contextShown writes a build context for people.
func (m *stackModel) contextShown(context string) string {
	if filepath.IsAbs(context) {
		return m.pathShown(context)
	}
	return context
}

// missingImages reports services for which docker stack deploy would give up.
func missingImages(m *stackModel, r *rule) {
	for _, c := range m.containers() {
		image := str(c.body, "image")
		switch {
		case strings.Contains(image, markStart):
		case image == "":
			found := *r
			found.hint = "name one with image:, or say how it is made with build:"
			m.report(&found, c.at, m.src.find(c.at), "it has no image")
		default:
			if _, err := reference.ParseAnyReference(image); err != nil && !m.refusedAt(c.at.join("image")) {
				m.report(r, c.at.join("image"), spot{}, fmt.Sprintf("image %q: %v", image, err))
			}
		}
	}
}

// refusedAt tells whether there is a refusal of the same line already: that of a
// variable without value, say.
func (m *stackModel) refusedAt(at path) bool {
	here := m.src.find(at).place(at)
	return slices.ContainsFunc(m.plan.Findings, func(f Finding) bool {
		return f.Severity == Refuse && f.File == here.File && f.Line == here.Line
	})
}
