// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"strings"
)

var dockerfileRules = []rule{{
	name:  "dockerfile",
	apply: noteDockerfiles,
}}

// noteDockerfiles lists the Dockerfiles that build on images which are others
// now: those of the spec, and those that the project itself builds. Whoever
// builds reads them properly; here it is enough that they name the image.
func noteDockerfiles(m *model, _ *rule) {
	if m.in.overrideOnly {
		return
	}
	for _, c := range m.containers() {
		d, text, ok := m.dockerfile(c)
		if !ok {
			continue
		}
		d.Images = map[string]string{}
		for word := range words(text) {
			full := fullForm(word)
			for _, old := range keys(m.spec.Images) {
				if fullForm(old) == full {
					d.Images[old] = m.spec.Images[old]
				}
			}
			if scoped := m.scoped[full]; scoped != "" {
				d.Images[word] = shownText(scoped)
			}
		}
		if len(d.Images) > 0 {
			m.plan.Dockerfiles = append(m.plan.Dockerfiles, d)
		}
	}
}

// namedInDockerfiles are the images that the Dockerfiles of the project may
// build on, in full form.
func (m *model) namedInDockerfiles() map[string]bool {
	all := map[string]bool{}
	if m.in.overrideOnly {
		return all
	}
	for _, c := range m.containers() {
		if _, text, ok := m.dockerfile(c); ok {
			for word := range words(text) {
				all[fullForm(word)] = true
			}
		}
	}
	return all
}

// dockerfile returns the one that a service is built from, and its text.
func (m *model) dockerfile(c container) (d Dockerfile, text string, ok bool) {
	build, _ := lookup(m.orig, c.at.join("build"))
	if build == nil || c.body["build"] == nil {
		return d, "", false
	}
	at := c.at.join("build")
	d.Context = str(build, "context")
	d.Place = m.src.find(at).place(at)
	if d.Inline = str(build, "dockerfile_inline"); d.Inline != "" {
		return d, d.Inline, true
	}
	d.Name = str(build, "dockerfile")
	if d.Name == "" {
		d.Name = "Dockerfile"
	}
	d.Name = absolute(d.Context, d.Name)
	content, err := m.in.read(d.Name)
	return d, string(content), err == nil
}

// words returns the words of a Dockerfile that may be the names of images.
func words(text string) map[string]bool {
	all := map[string]bool{}
	for line := range strings.Lines(text) {
		verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch strings.ToUpper(verb) {
		case "FROM", "COPY", "RUN", "ARG":
			for _, word := range strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r\n=,\"'{}", r) }) {
				all[strings.TrimPrefix(word, ":-")] = true
			}
		}
	}
	return all
}
