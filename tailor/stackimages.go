// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/distribution/reference"
)

var stackImageRules = []stackRule{
	fromCompose(imageRules, "image"),
	{rule{
		name:      "stack-build",
		treatment: Substitute,
		reason:    "docker stack deploy builds nothing",
	}, buildStackImages},
	{rule{
		name:     "image-missing",
		severity: Refuse,
		reason:   "docker stack deploy needs an image for every service",
	}, missingImages},
}

// buildStackImages has the images built beforehand that the files build, unless
// the test brings them, and lets everything follow that names them.
func buildStackImages(m *stackModel, r *rule) {
	brought := map[string]bool{}
	for _, e := range m.plan.Edits {
		brought[e.at.String()] = true
	}
	built := map[string]string{} // full form of the tag → variable
	for _, c := range m.containers() {
		build := mapping(c.body, "build")
		if build == nil {
			continue
		}
		image := str(c.body, "image")
		ch := change{at: c.at.join("build"), drop: true, from: m.src.find(c.at.join("build"))}
		if brought[c.at.join("image").String()] {
			ch.what, ch.reason = "build → none", "the test brings the image"
			m.edit(r, ch)
			continue
		}
		variable := built[fullForm(image)]
		if variable == "" || image == "" {
			variable = m.variable("stand-in", "IMAGE", c.name)
			m.taken[variable] = "seatrial-" + strings.ToLower(strings.ReplaceAll(variable, "_", "-"))
			m.out.Builds = append(m.out.Builds, m.stackBuild(variable, c, build))
			if image != "" {
				built[fullForm(image)] = variable
			}
		}
		ch.what = fmt.Sprintf("build %s → done before", m.contextShown(str(build, "context")))
		m.edit(r, ch)
		if image == "" {
			m.edit(r, change{
				at: c.at.join("image"), value: placeholder(variable), from: ch.from,
				what: "image → what is built",
			})
		}
	}
	for _, c := range m.containers() {
		image := str(c.body, "image")
		variable := built[fullForm(image)]
		if image == "" || variable == "" || brought[c.at.join("image").String()] {
			continue
		}
		ch := change{at: c.at.join("image"), value: placeholder(variable), what: fmt.Sprintf("image %s → what is built", image)}
		if before, _ := lookup(m.orig, c.at.join("build")); before == nil {
			ch.treatment, ch.reason = Follow, "another service builds it"
		} else {
			ch.reason = "two copies that build it would race for the tag"
		}
		m.edit(r, ch)
	}
}

func (m *stackModel) stackBuild(variable string, c container, build map[string]any) StackBuild {
	b := StackBuild{
		Variable: variable, Service: c.name, Image: str(c.body, "image"), Context: str(build, "context"),
		Dockerfile: str(build, "dockerfile"), Target: str(build, "target"), Network: str(build, "network"),
	}
	if !strings.Contains(b.Context, "://") && !strings.HasPrefix(b.Context, "git@") {
		b.Context = absolute(m.in.dir, b.Context)
	}
	for key, value := range mapping(build, "args") {
		if b.Args == nil {
			b.Args = map[string]*string{}
		}
		b.Args[key] = nil
		if text, ok := value.(string); ok {
			b.Args[key] = &text
		} else if text, ok := m.in.env[key]; ok {
			b.Args[key] = &text
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
		case strings.Contains(image, variableStart):
		case image == "":
			r := *r
			r.hint = "name one with image:, or say how it is made with build:"
			m.report(&r, c.at, m.src.find(c.at), "it has no image")
		default:
			if _, err := reference.ParseAnyReference(image); err != nil {
				m.report(r, c.at.join("image"), spot{}, fmt.Sprintf("image %q: %v", image, err))
			}
		}
	}
	slices.SortFunc(m.out.Builds, func(a, b StackBuild) int { return strings.Compare(a.Variable, b.Variable) })
}
