// SPDX-License-Identifier: Apache-2.0

package tailor

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

var buildRules = []rule{{
	name:      "build",
	treatment: Substitute,
	severity:  Note,
	reason:    "the test says so",
	apply:     substituteBuilds,
}, {
	name:     "build-outside",
	severity: Note,
	reason:   "the build takes it from the machine, where it has to be",
	apply:    buildsOutside,
}}

// substituteBuilds builds from the contexts of the spec, and plans copies of
// those that are given further files.
func substituteBuilds(m *model, r *rule) {
	for _, c := range m.containers() {
		build := mapping(c.body, "build")
		context := str(build, "context")
		for _, key := range keys(m.spec.Builds) {
			if context == "" || absolute(m.in.dir, key) != filepath.Clean(context) {
				continue
			}
			m.used["Builds "+key] = true
			b := m.spec.Builds[key]
			at := c.at.join("build", "context")
			if b.Context != "" {
				abs, err := filepath.Abs(b.Context)
				if err != nil {
					m.reportSpec("Builds", fmt.Sprintf("Builds[%q]: %v", key, err), "")
					continue
				}
				m.edit(r, change{at: at, value: abs, what: fmt.Sprintf("build context %s → %s", m.pathShown(context), b.Context)})
				context = abs
			}
			if b.Dockerfile != "" && m.given(fmt.Sprintf("Builds[%q].Dockerfile", key), b.Dockerfile, absolute(context, b.Dockerfile)) {
				m.edit(r, change{at: c.at.join("build", "dockerfile"), value: b.Dockerfile, from: m.src.find(at), what: "Dockerfile → " + b.Dockerfile})
			}
			if len(b.Files) > 0 {
				m.copyContext(r, c, key, context, b.Files)
			}
		}
	}
}

// copyContext plans a copy of a context with more files in it. A Dockerfile
// beside the context stays where it is.
func (m *model) copyContext(r *rule, c container, key, context string, files []string) {
	if m.in.overrideOnly {
		m.reportSpec("Builds", fmt.Sprintf("Builds[%q].Files: contexts are not copied here", key), "")
		return
	}
	wanted := ContextCopy{Context: context}
	names := map[string]string{}
	for _, f := range files {
		abs, err := filepath.Abs(f)
		if other := names[filepath.Base(f)]; other != "" || err != nil {
			m.reportSpec("Builds", fmt.Sprintf("Builds[%q].Files has %s and %s, which would be one file", key, other, f), "")
			continue
		}
		if !m.given(fmt.Sprintf("Builds[%q].Files", key), f, abs) {
			continue
		}
		names[filepath.Base(f)] = f
		wanted.Files = append(wanted.Files, abs)
	}
	at := c.at.join("build", "context")
	from := m.src.find(at)
	wanted.Place, wanted.Variable = from.place(at), m.pathVariable("context "+context, "CONTEXT", c.name)
	if !slices.ContainsFunc(m.plan.Contexts, func(o ContextCopy) bool { return o.Variable == wanted.Variable }) {
		m.plan.Contexts = append(m.plan.Contexts, wanted)
	}
	dockerfile := str(mapping(m.get(c.at), "build"), "dockerfile")
	m.edit(r, change{at: at, value: m.mark(wanted.Variable), from: from, what: fmt.Sprintf("build context %s → a copy with %s", m.pathShown(context), strings.Join(files, ", "))})
	if rel := filepath.ToSlash(filepath.Clean(dockerfile)); strings.HasPrefix(rel, "../") {
		abs := absolute(context, dockerfile)
		m.edit(r, change{at: c.at.join("build", "dockerfile"), value: abs, from: from, what: fmt.Sprintf("Dockerfile %s → where it is", dockerfile), reason: "it is not in the copy"})
	}
}

// buildsOutside lists what a build gets from elsewhere.
func buildsOutside(m *model, r *rule) {
	for _, c := range m.containers() {
		build := mapping(c.body, "build")
		if build["ssh"] != nil {
			m.report(r, c.at.join("build", "ssh"), spot{}, "the build uses an ssh agent")
		}
		if build["network"] == "host" {
			m.report(r, c.at.join("build", "network"), spot{}, "the build uses the network of the machine")
		}
	}
}

// contexts are the build contexts for which the spec may have something.
func (m *model) contexts() []string {
	var all []string
	for _, c := range m.containers() {
		build, _ := lookup(m.orig, c.at.join("build"))
		if context := str(build, "context"); context != "" {
			all = append(all, m.pathShown(context))
		}
	}
	return all
}
